using System;
using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>
/// Reads ahead what nested walks are about to read. All of a group take one step, then all the next; where a step leads is prefetched. A
/// step looks at presence, page size and address alone: nothing is judged or reported, and what leads nowhere ends. The pair of levels
/// strictly falls, so that tables that point at themselves end, too.
/// </summary>
/// <typeparam name="TMemory">The memory.</typeparam>
internal static class NestedTour<TMemory>
    where TMemory : struct, IPrefetchableMemory, allows ref struct
{
    internal const int MostAddresses = 32;

    /// <summary>One walk's place.</summary>
    private struct Traveller
    {
        internal PhysicalAddress Next; // of the entry to read
        internal PhysicalAddress Gpa; // of the guest's entry or page that nested entries lead to
        internal PagingLevel Guest; // of the guest's entry; none for the page
        internal PagingLevel Host; // of the nested entry to read; none if the guest's is next
    }

    /// <summary>Goes down the tables.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="state">The guest's state and the host's.</param>
    /// <param name="addresses">Up to a group.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void GoDown(
        scoped ref TMemory memory, in NestedPagingState state, scoped ReadOnlySpan<VirtualAddress> addresses)
    {
        ref readonly PagingState guest = ref NestedPagingState.GuestOf(state);
        ref readonly PagingState host = ref NestedPagingState.HostOf(state);
        Span<Traveller> all = stackalloc Traveller[MostAddresses];
        Span<byte> going = stackalloc byte[MostAddresses];
        int left = 0;
        for (int i = 0; i < addresses.Length; i++)
        {
            ref Traveller one = ref all[i];
            one.Guest = guest.TopLevel;
            one.Gpa = LongModeTable.EntryAddress(guest.Root, addresses[i], guest.TopLevel);
            one.Host = host.TopLevel;
            one.Next = LongModeTable.EntryAddress(host.Root, new VirtualAddress(one.Gpa.Value), host.TopLevel);
            going[left++] = (byte)i;
        }

        while (left > 0)
        {
            int still = 0;
            for (int k = 0; k < left; k++)
            {
                int i = going[k];
                if (!Step(ref memory, guest, host, addresses[i], ref all[i])) continue;
                memory.Prefetch(all[i].Next);
                if (all[i].Guest == PagingLevel.None && all[i].Host == PagingLevel.PageTable) continue;
                going[still++] = (byte)i;
            }

            left = still;
        }
    }

    /// <returns>False where the way ends.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Step(
        scoped ref TMemory memory, in PagingState guest, in PagingState host, VirtualAddress address, ref Traveller one)
    {
        if (!memory.TryRead(one.Next, out ulong entry) || (entry & PagingEntry.PresentMask) == 0) return false;
        if (one.Host != PagingLevel.None)
        {
            VirtualAddress gpa = new(one.Gpa.Value);
            if (!LongModeTable.IsLeaf(entry, one.Host))
            {
                one.Host--;
                one.Next = LongModeTable.EntryAddress(PhysicalAddress.CreateUnchecked(entry & host.AddressMask), gpa, one.Host);
                return true;
            }

            one.Next = LongModeTable.PageOf(entry, host.AddressMask, one.Host.LeafSizeUnchecked().ShiftUnchecked(), gpa.Value);
            one.Host = PagingLevel.None;
            return one.Guest != PagingLevel.None;
        }

        if (LongModeTable.IsLeaf(entry, one.Guest))
        {
            one.Gpa = LongModeTable.PageOf(
                entry, guest.AddressMask, one.Guest.LeafSizeUnchecked().ShiftUnchecked(), address.Value);
            one.Guest = PagingLevel.None;
        }
        else
        {
            one.Guest--;
            one.Gpa = LongModeTable.EntryAddress(PhysicalAddress.CreateUnchecked(entry & guest.AddressMask), address, one.Guest);
        }

        one.Host = host.TopLevel;
        one.Next = LongModeTable.EntryAddress(host.Root, new VirtualAddress(one.Gpa.Value), one.Host);
        return true;
    }
}
