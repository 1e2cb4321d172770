using System.Collections.Concurrent;
using System.Threading;

namespace FastRmp;

/// <summary>How often each 4 KiB page is in use by running guests, and the owner of a save area whose entry does not show it. Kept outside
/// the table.</summary>
/// <remarks>
/// Lock-free readers, no allocation but for the first mark in a 2 MiB region. The total is raised before a page's own count and lowered
/// after it: a total of zero, which is what an instruction reads on its common path, means that no mark was set before the read. The
/// owner of a save area is set and cleared only by the holder of its entry; the count, in the same word, changes at any time.
/// </remarks>
internal sealed class InUsePages
{
    private const ulong CountMask = uint.MaxValue;
    private const int OwnerShift = 32; // ASID of a save area marked in its entry [41:32], count [31:0]

    private readonly ConcurrentDictionary<ulong, ulong[]> _regions = new();
    private ulong _total;

    /// <summary>Whether any page may be in use.</summary>
    internal bool Any => Volatile.Read(ref _total) != 0;

    /// <summary>Finds the count of a page, and allocates the counts of its region if there are none: the only step that
    /// allocates.</summary>
    internal Counter Reserve(PhysicalAddress page) =>
        new(_regions.GetOrAdd(page.Value >> PageSize.Size2M.Shift(), static _ => new ulong[PageSize.Size2M.Pages()]), Subpage(page));

    internal void Add(Counter counter)
    {
        Interlocked.Increment(ref _total);
        Interlocked.Increment(ref counter.Counts[counter.Index]);
    }

    /// <summary>Counts one more use of a save area, and sets its owner. Only for the holder of its entry.</summary>
    internal void Add(Counter counter, uint owner)
    {
        SetOwner(ref counter.Counts[counter.Index], owner);
        Add(counter);
    }

    /// <summary>Removes one mark.</summary>
    /// <returns>False if the page is not in use.</returns>
    internal bool TryRemove(PhysicalAddress page)
    {
        if (!TryGet(page, out Counter counter)) return false;
        ref ulong word = ref counter.Counts[counter.Index];
        ulong seen = Volatile.Read(ref word);
        while ((seen & CountMask) != 0)
        {
            ulong prior = Interlocked.CompareExchange(ref word, seen - 1, seen);
            if (prior == seen)
            {
                Interlocked.Decrement(ref _total);
                return true;
            }

            seen = prior;
        }

        return false;
    }

    internal bool Contains(PhysicalAddress page) => TryGet(page, out Counter counter) && Contains(counter);

    internal bool TryGet(PhysicalAddress page, out Counter counter)
    {
        bool exists = _regions.TryGetValue(page.Value >> PageSize.Size2M.Shift(), out ulong[]? counts);
        counter = new Counter(counts!, Subpage(page));
        return exists;
    }

    internal static bool Contains(Counter counter) => (Volatile.Read(ref counter.Counts[counter.Index]) & CountMask) != 0;

    /// <summary>The owner of a save area whose entry is marked, and its number of uses, both of one moment.</summary>
    /// <returns>Owner 0 if this table did not mark the entry, but found it so in a dump.</returns>
    internal (uint Owner, uint Count) Of(PhysicalAddress page)
    {
        if (!TryGet(page, out Counter counter)) return default;
        ulong word = Volatile.Read(ref counter.Counts[counter.Index]);
        return ((uint)(word >> OwnerShift), (uint)word);
    }

    /// <summary>Clears the owner of a save area: its entry is no longer marked.</summary>
    internal void ForgetOwner(PhysicalAddress page)
    {
        if (TryGet(page, out Counter counter)) SetOwner(ref counter.Counts[counter.Index], 0);
    }

    /// <summary>Clears all owners, for a new table. No other thread may use the table meanwhile.</summary>
    internal void ForgetOwners()
    {
        foreach (ulong[] counts in _regions.Values)
        {
            for (int i = 0; i < counts.Length; i++)
            {
                SetOwner(ref counts[i], 0);
            }
        }
    }

    private static void SetOwner(ref ulong word, uint owner)
    {
        ulong seen = Volatile.Read(ref word);
        while (true)
        {
            ulong prior = Interlocked.CompareExchange(ref word, (seen & CountMask) | ((ulong)owner << OwnerShift), seen);
            if (prior == seen) return;
            seen = prior;
        }
    }

    private static int Subpage(PhysicalAddress page) => (int)(page.Offset(PageSize.Size2M) >> PageSize.Size4K.Shift());

    /// <summary>The place of the count of a page.</summary>
    /// <param name="Counts">The counts of its region.</param>
    /// <param name="Index">Its place there.</param>
    internal readonly record struct Counter(ulong[] Counts, int Index);
}
