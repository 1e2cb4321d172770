using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>How often entries may have changed, by 2 MiB region: what a translation cache compares, so that no verdict in it outlives the
/// entries that it was made of.</summary>
/// <remarks>
/// A stamp has in [63:16] how many changes have begun, in [15:0] how many are under way. An instruction begins before its first write to an
/// entry and ends after its last one, each by a full-fence operation. A verdict is kept only if its stamp, read before the entries were,
/// has nothing under way; it counts only while the stamp is the same. So no entry of the region was written between the two reads of the
/// stamp: a write in between would have begun in between, too, or have been under way at the first read. The verdict is therefore true at
/// the moment of the second read, whatever other threads have seen.
///
/// Regions share stamps, 1024 of them. A thread that is terminated inside an instruction leaves a stamp with a change under way: nothing
/// that shares it is kept any more, and every access walks. Nobody counts until the first cache is made.
/// </remarks>
internal sealed class EntryChanges
{
    private const int Stamps = 1024;
    private const ulong OneBegun = (1UL << 16) | 1;
    private const ulong UnderWayMask = 0xFFFF;

    private ulong[]? _stamps;

    /// <summary>Whether there is, or was, a cache.</summary>
    internal bool IsWatched
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _stamps is not null;
    }

    /// <summary>Begins to count: no other thread is inside an instruction that changes entries, unless it is counted already.</summary>
    /// <returns>The stamps.</returns>
    internal ulong[] Watch()
    {
        ulong[] made = new ulong[Stamps];
#pragma warning disable RS0030 // the ulong overload, which the rule asks for, exchanges no references
        return Interlocked.CompareExchange(ref _stamps, made, null) ?? made;
#pragma warning restore RS0030
    }

    /// <summary>The stamp of a page with an entry.</summary>
    /// <param name="index">The entry.</param>
    internal static uint StampOf(nuint index) => (uint)(index >> (PageSize.Size2M.Shift() - PageSize.Size4K.Shift())) & (Stamps - 1);

    /// <summary>The stamp of a page without an entry, which running guests may use all the same.</summary>
    internal static uint StampOf(PhysicalAddress page) => (uint)(page.Value >> PageSize.Size2M.Shift()) & (Stamps - 1);

    /// <summary>Whether nothing is under way.</summary>
    internal static bool IsAtRest(ulong stamp) => (stamp & UnderWayMask) == 0;

    /// <summary>Before the first write to an entry of a region.</summary>
    /// <returns>What <see cref="End(ulong[], uint)"/> needs: null if nobody counts.</returns>
    internal ulong[]? Begin(uint stamp)
    {
        if (_stamps is not { } stamps) return null;
        _ = Interlocked.Add(ref stamps[stamp], OneBegun);
        return stamps;
    }

    /// <summary>After the last one.</summary>
    internal static void End(ulong[]? begun, uint stamp)
    {
        if (begun is not null) _ = Interlocked.Decrement(ref begun[stamp]);
    }

    /// <summary>After a change of the whole table that no other instruction runs beside.</summary>
    internal void ChangeAll()
    {
        foreach (ref ulong stamp in _stamps.AsSpan())
        {
            _ = Interlocked.Add(ref stamp, OneBegun - 1);
        }
    }
}
