namespace FastRmp.Cli.Host;

/// <summary>Where the RMP of a q35 is: in the middle of the RAM below the hole, as large as the RAM demands.</summary>
/// <param name="First">The first byte.</param>
/// <param name="Bytes">The size, whole MiB.</param>
internal readonly record struct MachinePlan(ulong First, ulong Bytes)
{
    /// <summary>The smallest machine that a distribution's kernel boots on with its RMP.</summary>
    internal const ulong LeastMemory = 256UL << 20;

    private const ulong Mebibyte = 1UL << 20;

    // QEMU hw/i386/pc_q35.c: RAM below the hole ends at 2.75 GiB, or at 2 GiB if there is more than that; the rest is above 4 GiB.
    private const ulong MostLow = 0xB000_0000UL;
    private const ulong LowOfLarge = 0x8000_0000UL;
    private const ulong HighStart = 1UL << 32;

    private const int EntryBytesShift = 8; // 16 bytes for each 4 KiB
    private const ulong SegmentBytes = 4 * Mebibyte; // of a GiB

    /// <summary>The most memory whose RMP has room there.</summary>
    internal const ulong MostMemory = 252UL << 30;

    /// <summary>The last byte.</summary>
    internal ulong Last => First + Bytes - 1;

    /// <summary>The plan for a machine.</summary>
    /// <param name="memory">Bytes of RAM.</param>
    /// <param name="isSegmented">Whether the RMP is segmented, in segments of 1 GiB.</param>
    internal static MachinePlan Of(ulong memory, bool isSegmented)
    {
        ulong low = memory >= MostLow ? LowOfLarge : memory;
        ulong end = low == memory ? low : HighStart + (memory - low);
        ulong bytes = isSegmented
            ? Mebibyte + (((end + PageSize.Size1G.Bytes() - 1) / PageSize.Size1G.Bytes()) * SegmentBytes)
            : (ContiguousGeometry.BookkeepingBytes + (end >> EntryBytesShift) + Mebibyte - 1) & ~(Mebibyte - 1);
        ulong large = PageSize.Size2M.Bytes();
        ulong whole = (bytes + large - 1) & ~(large - 1); // so that the kernel loses no part of a large page
        return new MachinePlan((low / 2) & ~(large - 1), isSegmented ? whole : bytes);
    }
}
