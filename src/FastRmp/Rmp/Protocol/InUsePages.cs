using System;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>How often each 4 KiB page is in use by running guests, and the owner of a save area whose entry does not show it. Kept outside
/// the table.</summary>
/// <remarks>
/// Lock-free readers, no allocation but for the first mark in a 2 MiB region. The total is raised before a page's own count and lowered
/// after it: a total of zero, which is what an instruction reads on its common path, means that no page was in use at that moment. The
/// owner of a save area is set and cleared only by the holder of its entry; the count, in the same word, changes at any time.
///
/// Total and counts are each in one word with the number of their changes, so that whoever has to decide by uses and by an entry can tell
/// that no use began or ended while it read the entry (<see cref="UseStamp"/>). The number wraps: 2^22 changes in that time are not seen.
/// </remarks>
internal sealed class InUsePages
{
    // Of a page: changes [63:42], ASID of a save area marked in its entry [41:32], count [31:0].
    private const ulong CountMask = uint.MaxValue;
    private const int OwnerShift = 32;
    private const ulong OwnerMask = (ulong)RmpEntry.LockAsid << OwnerShift;
    private const ulong OneChange = 1UL << 42;

    // The total: changes [63:32], uses [31:0].
    private const ulong OneTotalChange = 1UL << 32;

    private readonly ConcurrentDictionary<ulong, ulong[]> _regions = new();
    private ulong _total;

    /// <summary>Whether any page may be in use.</summary>
    internal bool Any => !IsNone(Total);

    /// <summary>The number of uses and of its changes. The same before and after another read, and <see cref="IsNone"/>: no page was in
    /// use meanwhile.</summary>
    internal ulong Total
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _total);
    }

    /// <summary>Whether there was no use at the moment of a total.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsNone(ulong total) => (uint)total == 0;

    /// <summary>The uses of a page.</summary>
    internal UseStamp Stamp(PhysicalAddress page) =>
        NotNone(page, out UseStamp stamp, out Counter counter) ? UseStamp.Of(Uses(ref counter.Counts[counter.Index])) : stamp;

    /// <summary>The uses of a page and of the first one in its 2 MiB region.</summary>
    internal UseStamp StampWithFirst(PhysicalAddress page) =>
        NotNone(page, out UseStamp stamp, out Counter counter)
            ? UseStamp.Of(Uses(ref counter.Counts[counter.Index]) + Uses(ref counter.Counts[0]))
            : stamp;

    /// <summary>The uses of all pages in a 2 MiB region.</summary>
    internal UseStamp StampRegion(PhysicalAddress page)
    {
        if (!NotNone(page, out UseStamp stamp, out Counter counter)) return stamp;
        ulong uses = 0;
        foreach (ref ulong word in counter.Counts.AsSpan())
        {
            uses += Uses(ref word); // the number of changes wraps in the sum as it does in each word
        }

        return UseStamp.Of(uses);
    }

    /// <summary>Finds the count of a page, unless nothing in its region is in use; then the stamp says so.</summary>
    private bool NotNone(PhysicalAddress page, out UseStamp stamp, out Counter counter)
    {
        ulong total = Total;
        counter = default;
        stamp = IsNone(total) ? UseStamp.OfNone(total) : default;
        return !IsNone(total) && TryGet(page, out counter);
    }

    /// <summary>Count and changes of a page.</summary>
    private static ulong Uses(ref ulong word) => Volatile.Read(ref word) & ~OwnerMask;

    /// <summary>Finds the count of a page, and allocates the counts of its region if there are none: the only step that
    /// allocates.</summary>
    internal Counter Reserve(PhysicalAddress page) =>
        new(_regions.GetOrAdd(page.Value >> PageSize.Size2M.Shift(), static _ => new ulong[PageSize.Size2M.Pages()]), Subpage(page));

    internal void Add(Counter counter)
    {
        Interlocked.Add(ref _total, OneTotalChange + 1);
        Interlocked.Add(ref counter.Counts[counter.Index], OneChange + 1);
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
            ulong prior = Interlocked.CompareExchange(ref word, seen + OneChange - 1, seen);
            if (prior == seen)
            {
                Interlocked.Add(ref _total, OneTotalChange - 1);
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
        return ((uint)((word & OwnerMask) >> OwnerShift), (uint)word);
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
            ulong prior = Interlocked.CompareExchange(ref word, (seen & ~OwnerMask) | ((ulong)owner << OwnerShift), seen);
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
