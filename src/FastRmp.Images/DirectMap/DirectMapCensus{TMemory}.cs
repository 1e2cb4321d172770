using System.Threading;

namespace FastRmp.Images;

/// <summary>Counts the leaves of a direct map and lists where it is split, as a forward-only stream that allocates nothing.</summary>
/// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
/// <remarks>
/// <para>A leaf belongs to the map if it is present and its virtual address minus its frame is the base; rights, reserved bits and upper
/// levels' rights are not checked. For one thread.</para>
/// <para>2 MiB regions come in ascending order, each 1 GiB range after the regions in it. Tables that the memory does not hold are counted
/// and passed over; a table that is on its own path is not entered, so that the levels bound the work. Each table is read once.</para>
/// </remarks>
public ref struct DirectMapCensus<TMemory>
    where TMemory : struct, IPhysicalMemory, allows ref struct
{
    private readonly ulong _base;
    private readonly ulong _encryptionMask;
    private readonly bool _listsLeaves;
    private DirectoryCursor<TMemory> _cursor;
    private LeafTally _directory;
    private DirectMapTotals _totals;
    private DirectMapSplit _current;

    /// <summary>Starts before the first split.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="location">Where the map lies.</param>
    /// <param name="cancellation">Looked at once for each 1 GiB range; ends the stream with an exception.</param>
    public DirectMapCensus(TMemory memory, in DirectMapLocation location, CancellationToken cancellation = default)
        : this(memory, location, listsLeaves: false, cancellation)
    {
    }

    /// <summary>Starts before the first split or, if they are wanted, the first leaf of 2 MiB or 1 GiB.</summary>
    internal DirectMapCensus(TMemory memory, in DirectMapLocation location, bool listsLeaves, CancellationToken cancellation)
    {
        _listsLeaves = listsLeaves;
        _base = location.Base.Value;
        _encryptionMask = location.EncryptionMask;
        _cursor = new DirectoryCursor<TMemory>(memory, location, _base, location.Last.Value, skipsRepeats: false, cancellation);
        _directory = default;
        _totals = default;
        _current = default;
        IsLeaf = false;
    }

    /// <summary>Whether the region or range found last is mapped by one leaf, which is then its
    /// <see cref="DirectMapSplit.Table"/>.</summary>
    internal bool IsLeaf { get; private set; }

    /// <summary>The region or range found last.</summary>
    public readonly DirectMapSplit Current => _current;

    /// <summary>The leaves passed so far; all of them once <see cref="MoveNext"/> said that there is no more.</summary>
    public readonly DirectMapTotals Totals => _totals;

    /// <summary>How many tables could not be read because the memory does not hold them, whole or in part.</summary>
    public readonly long AbsentTables => _cursor.AbsentTables;

    /// <summary>Physical address of the first entry that could not be read; meaningless while <see cref="AbsentTables"/> is 0.</summary>
    public readonly PhysicalAddress FirstAbsentEntry => _cursor.FirstAbsentEntry;

    /// <summary>Goes to the next region or range that is split.</summary>
    /// <returns>False after the last.</returns>
    public bool MoveNext()
    {
        while (_cursor.MoveNext())
        {
            switch (_cursor.Step)
            {
                case DirectoryStep.GigabyteLeaf:
                    if (CountGigabyte() && _listsLeaves) return TakeLeaf(PageSize.Size1G);
                    break;
                case DirectoryStep.GigabyteNotPresent:
                    if (KeepsFrame(_cursor.Entry, _cursor.Address - _base, PageSize.Size1G))
                    {
                        _totals = _totals with { Unmapped1G = _totals.Unmapped1G + 1 };
                    }

                    break;
                case DirectoryStep.Leaf when _cursor.PageOf(_cursor.Entry, PageSize.Size2M) == _cursor.Address - _base:
                    _directory.Add(_cursor.Entry);
                    if (_listsLeaves) return TakeLeaf(PageSize.Size2M);
                    break;
                case DirectoryStep.NotPresent:
                    CountNotPresent(ref _directory, _cursor.Entry, _cursor.Address - _base, PageSize.Size2M);
                    break;
                case DirectoryStep.Table:
                    if (FindRegion()) return true;
                    break;
                case DirectoryStep.End:
                    if (FinishDirectory()) return true;
                    break;
                default:
                    _directory.OtherMappings++;
                    break;
            }
        }

        return false;
    }

    private bool CountGigabyte()
    {
        if (_cursor.PageOf(_cursor.Entry, PageSize.Size1G) != _cursor.Address - _base) return false;
        LeafTally one = default;
        one.Add(_cursor.Entry);
        _totals = _totals with { Leaves1G = _totals.Leaves1G + 1, Kernel4K = _totals.Kernel4K + one.Kernel4K };
        return true;
    }

    private bool TakeLeaf(PageSize size)
    {
        IsLeaf = true;
        _current = default(DirectMapSplit) with
        {
            Size = size,
            Start = PhysicalAddress.Truncate(_cursor.Address - _base),
            VirtualAddress = new VirtualAddress(_cursor.Address),
            Table = new PagingEntry(_cursor.Entry),
        };
        return true;
    }

    private readonly bool KeepsFrame(ulong entry, ulong page, PageSize size) =>
        entry != 0 && (_cursor.PageOf(entry, size) == page || _cursor.InvertedPageOf(entry, size) == page);

    private readonly void CountNotPresent(ref LeafTally tally, ulong entry, ulong page, PageSize size)
    {
        if (KeepsFrame(entry, page, size))
        {
            tally.Unmapped++;
        }
        else
        {
            tally.Holes++;
        }
    }

    private bool FindRegion()
    {
        ulong page = _cursor.Address - _base;
        LeafTally tally = default;
        for (int index = 0; index < PageArithmetic.EntriesPerTable; index++, page += PageSize.Size4K.Bytes())
        {
            if (!_cursor.TryReadEntry(index, out ulong entry))
            {
                tally.IsCut = true;
                break;
            }

            if ((entry & PagingEntry.PresentMask) == 0)
            {
                CountNotPresent(ref tally, entry, page, PageSize.Size4K);
            }
            else if (_cursor.PageOf(entry, PageSize.Size4K) == page)
            {
                tally.Add(entry);
            }
            else
            {
                tally.OtherMappings++;
            }
        }

        if (!tally.Belongs)
        {
            if (!tally.IsCut) _directory.OtherMappings++;
            return false;
        }

        _directory.Smaller++;
        Take(tally, PageSize.Size2M);
        _totals = _totals with
        {
            Leaves4K = _totals.Leaves4K + tally.Leaves,
            Unmapped4K = _totals.Unmapped4K + tally.Unmapped,
            Split2M = _totals.Split2M + 1,
            Rejoinable2M = _totals.Rejoinable2M + (_current.IsRejoinable ? 1 : 0),
        };
        return true;
    }

    private bool FinishDirectory()
    {
        LeafTally tally = _directory;
        tally.IsCut = _cursor.IsDirectoryCut;
        _directory = default;
        if (!tally.Belongs) return false;
        Take(tally, PageSize.Size1G);
        _totals = _totals with
        {
            Leaves2M = _totals.Leaves2M + tally.Leaves,
            Unmapped2M = _totals.Unmapped2M + tally.Unmapped,
            Split1G = _totals.Split1G + 1,
            Rejoinable1G = _totals.Rejoinable1G + (_current.IsRejoinable ? 1 : 0),
        };
        return true;
    }

    private void Take(in LeafTally tally, PageSize size)
    {
        IsLeaf = false;
        PagingEntry table = new(_cursor.Entry);
        _totals = _totals with { Kernel4K = _totals.Kernel4K + tally.Kernel4K };
        _current = new DirectMapSplit(
            size,
            PhysicalAddress.Truncate(_cursor.Address - _base),
            new VirtualAddress(_cursor.Address),
            table,
            new PagingEntry(tally.FirstLeaf),
            tally.Leaves,
            tally.Holes,
            tally.Unmapped,
            tally.Kernel4K,
            tally.Smaller,
            tally.Reasons(table, size == PageSize.Size1G ? PageSize.Size2M : PageSize.Size4K, _encryptionMask));
    }
}
