namespace FastRmp.Reference;

/// <summary>The three sizes of a mapping; an RMP entry knows the first two only.</summary>
public enum ReferencePageSize
{
    /// <summary>4 KiB.</summary>
    Size4K = 0,

    /// <summary>2 MiB.</summary>
    Size2M = 1,

    /// <summary>1 GiB.</summary>
    Size1G = 2,
}
