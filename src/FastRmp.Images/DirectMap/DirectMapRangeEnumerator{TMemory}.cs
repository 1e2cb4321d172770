using System.Threading;

namespace FastRmp.Images;

/// <summary>Lists the physical ranges that a direct map maps, adjacent leaves merged whatever their sizes and flags, as a forward-only
/// stream that allocates nothing.</summary>
/// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
/// <remarks>The same leaves as in <see cref="DirectMapCensus{TMemory}"/>, in ascending order. For one thread.</remarks>
public ref struct DirectMapRangeEnumerator<TMemory>
    where TMemory : struct, IPhysicalMemory, allows ref struct
{
    private readonly ulong _base;
    private DirectoryCursor<TMemory> _cursor;
    private int _index;
    private ulong _start;
    private ulong _end;
    private PhysicalRange _current;

    /// <summary>Starts before the first range.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="location">Where the map lies.</param>
    /// <param name="cancellation">Looked at once for each 1 GiB range; ends the stream with an exception.</param>
    public DirectMapRangeEnumerator(TMemory memory, in DirectMapLocation location, CancellationToken cancellation = default)
    {
        _base = location.Base.Value;
        _cursor = new DirectoryCursor<TMemory>(memory, location, _base, location.Last.Value, skipsRepeats: false, cancellation);
        _index = PageArithmetic.EntriesPerTable;
        _start = 0;
        _end = 0;
        _current = default;
    }

    /// <summary>The range found last.</summary>
    public readonly PhysicalRange Current => _current;

    /// <summary>Goes to the next range.</summary>
    /// <returns>False after the last.</returns>
    public bool MoveNext()
    {
        while (TryNextLeaf(out ulong page, out PageSize size))
        {
            bool begins = page != _end || _start == _end;
            bool isComplete = begins && Close();
            if (begins) _start = page;
            _end = page + size.Bytes();
            if (isComplete) return true;
        }

        bool isLast = Close();
        _start = _end;
        return isLast;
    }

    private bool Close()
    {
        if (_start == _end) return false;
        _current = new PhysicalRange(PhysicalAddress.Truncate(_start), _end - _start);
        return true;
    }

    private bool TryNextLeaf(out ulong page, out PageSize size)
    {
        while (true)
        {
            while (_index < PageArithmetic.EntriesPerTable)
            {
                size = PageSize.Size4K;
                page = _cursor.Address - _base + ((ulong)_index << size.Shift());
                if (!_cursor.TryReadEntry(_index, out ulong entry))
                {
                    _index = PageArithmetic.EntriesPerTable;
                    break;
                }

                _index++;
                if ((entry & PagingEntry.PresentMask) != 0 && _cursor.PageOf(entry, size) == page) return true;
            }

            page = 0;
            size = default;
            if (!_cursor.MoveNext()) return false;
            if (_cursor.Step == DirectoryStep.Table) _index = 0;
            if (_cursor.Step is not (DirectoryStep.Leaf or DirectoryStep.GigabyteLeaf)) continue;
            size = _cursor.Step == DirectoryStep.Leaf ? PageSize.Size2M : PageSize.Size1G;
            page = _cursor.Address - _base;
            if (_cursor.PageOf(_cursor.Entry, size) == page) return true;
        }
    }
}
