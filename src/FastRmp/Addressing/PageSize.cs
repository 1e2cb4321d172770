namespace FastRmp;

/// <summary>Size of a page, of a mapping, or of an RMP entry.</summary>
/// <remarks>The values of <see cref="Size4K"/> and <see cref="Size2M"/> are those of the RMP's Page_Size bit and of the instructions' size
/// operands. An RMP entry is never 1 GiB.</remarks>
public enum PageSize : byte
{
    /// <summary>4 KiB, 0x1000 bytes.</summary>
    Size4K = 0,

    /// <summary>2 MiB, 0x20_0000 bytes, 512 pages of 4 KiB.</summary>
    Size2M = 1,

    /// <summary>1 GiB, 0x4000_0000 bytes, 512 pages of 2 MiB.</summary>
    Size1G = 2,
}
