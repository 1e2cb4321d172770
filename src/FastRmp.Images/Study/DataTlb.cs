namespace FastRmp.Images.Study;

/// <summary>A data TLB of two levels and the directory entries that walks keep, for a map of leaves of one size.</summary>
/// <remarks>Least recently used goes first on all levels. The entries above a page directory's are taken to be cached.</remarks>
internal sealed class DataTlb
{
    private readonly RecentKeys _first;
    private readonly RecentSets _second;
    private readonly RecentKeys _directory;
    private readonly int _firstShift;
    private readonly int _secondShift;
    private readonly bool _hasDirectory;

    /// <summary>Makes empty TLBs.</summary>
    /// <param name="sizes">How many entries.</param>
    /// <param name="firstShift">log2 of the 4 KiB pages of an entry of the first level.</param>
    /// <param name="secondShift">The same of the second.</param>
    internal DataTlb(TlbSizes sizes, int firstShift, int secondShift)
    {
        _firstShift = firstShift;
        _secondShift = secondShift;
        _hasDirectory = secondShift < RegionShift;
        _first = new RecentKeys(sizes.FirstLevel);
        _second = new RecentSets(sizes.SecondLevel / sizes.Ways, sizes.Ways);
        _directory = new RecentKeys(sizes.Directory);
    }

    /// <summary>log2 of the 4 KiB pages of 2 MiB.</summary>
    internal const int RegionShift = 9;

    /// <summary>Adjacent 4 KiB pages in one entry.</summary>
    internal const int CoalescedShift = 2;

    /// <summary>An access to a page.</summary>
    /// <returns>0 for a hit in the first level, 1 for one in the second; else 1 + the entries that the walk reads.</returns>
    internal int Access(ulong frame)
    {
        if (_first.Touch(frame >> _firstShift)) return 0;
        ulong entry = frame >> _secondShift;
        if (_second.Touch(entry)) return 1;
        if (!_hasDirectory || _directory.Touch(frame >> RegionShift)) return 2;
        return 3;
    }
}
