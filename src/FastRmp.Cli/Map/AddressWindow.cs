namespace FastRmp.Cli.Map;

/// <summary>The part of a range of 64-bit numbers that addresses can take: everything between the two canonical halves is left
/// out.</summary>
internal static class AddressWindow
{
    /// <summary>Moves both ends of a range to canonical addresses.</summary>
    /// <param name="mode">Four or five levels.</param>
    /// <param name="start">First number.</param>
    /// <param name="last">Last number, inclusive.</param>
    /// <param name="first">First canonical address in the range.</param>
    /// <param name="final">Last canonical address in the range.</param>
    /// <returns>False if there is none.</returns>
    internal static bool TryClip(PagingMode mode, ulong start, ulong last, out VirtualAddress first, out VirtualAddress final)
    {
        int topBit = mode.AddressBits() - 1;
        ulong lowerLast = (1UL << topBit) - 1;
        ulong upperFirst = ~lowerLast;
        if (start > lowerLast && start < upperFirst) start = upperFirst;
        if (last > lowerLast && last < upperFirst) last = lowerLast;
        first = new VirtualAddress(start);
        final = new VirtualAddress(last);
        return start <= last;
    }
}
