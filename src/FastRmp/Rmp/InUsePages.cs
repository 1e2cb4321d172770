using System.Collections.Concurrent;
using System.Threading;
using FastRmp.Addressing;

namespace FastRmp.Rmp;

/// <summary>How often each 4 KiB page is in use by running guests. Stands beside the table: the mark is not visible in an entry.</summary>
/// <remarks>
/// Lock-free readers, no allocation but for the first mark in a 2 MiB region. The total is raised before a page's own count and lowered after it:
/// a total of zero, which is what an instruction reads on its way, means that no mark stands that began before the read.
/// </remarks>
internal sealed class InUsePages
{
    private readonly ConcurrentDictionary<ulong, ulong[]> _regions = new();
    private ulong _total;

    /// <summary>Whether any page may be in use.</summary>
    internal bool Any => Volatile.Read(ref _total) != 0;

    /// <summary>Finds the count of a page, and makes room for it if there is none: the only step that allocates.</summary>
    internal Counter Reserve(PhysicalAddress page) =>
        new(_regions.GetOrAdd(page.Value >> PageSize.Size2M.Shift(), static _ => new ulong[PageSize.Size2M.Pages()]), Subpage(page));

    internal void Add(Counter counter)
    {
        Interlocked.Increment(ref _total);
        Interlocked.Increment(ref counter.Counts[counter.Index]);
    }

    /// <summary>Takes one mark back.</summary>
    /// <returns>False if the page is not in use.</returns>
    internal bool TryRemove(PhysicalAddress page)
    {
        if (!_regions.TryGetValue(page.Value >> PageSize.Size2M.Shift(), out ulong[]? counts)) return false;
        ref ulong count = ref counts[Subpage(page)];
        ulong seen = Volatile.Read(ref count);
        while (seen > 0)
        {
            ulong prior = Interlocked.CompareExchange(ref count, seen - 1, seen);
            if (prior == seen)
            {
                Interlocked.Decrement(ref _total);
                return true;
            }

            seen = prior;
        }

        return false;
    }

    internal bool Contains(PhysicalAddress page) =>
        _regions.TryGetValue(page.Value >> PageSize.Size2M.Shift(), out ulong[]? counts) && Volatile.Read(ref counts[Subpage(page)]) != 0;

    private static int Subpage(PhysicalAddress page) => (int)(page.Offset(PageSize.Size2M) >> PageSize.Size4K.Shift());

    /// <summary>Where the count of a page stands.</summary>
    /// <param name="Counts">The counts of its region.</param>
    /// <param name="Index">Its place there.</param>
    internal readonly record struct Counter(ulong[] Counts, int Index);
}
