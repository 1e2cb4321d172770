using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace FastRmp;

/// <content>Look-ups of many pages.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>The entries that hold many pages' attributes, as one call of <see cref="Lookup(PhysicalAddress)"/> for each would find
    /// them, with their cache misses overlapped where the entries are not in the cache, which the batch measures by itself.</summary>
    /// <param name="addresses">Any addresses in the pages; any number, also none.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses; what is behind the last one is left alone. It must not
    /// overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    /// <exception cref="ObjectDisposedException">The table was disposed.</exception>
    /// <remarks>Each page is of a moment of its own, as in calls one after the other. Any threads; allocates nothing.</remarks>
    public void Lookup(ReadOnlySpan<PhysicalAddress> addresses, Span<RmpLookup> results) =>
        EntryBatch<LookupQuestion, PhysicalAddress, RmpLookup>.Run(new LookupQuestion(this), addresses, results);

    /// <summary>The states of many pages, as one call of <see cref="StateOf"/> for each would find them, with their cache misses overlapped
    /// where the entries are not in the cache, which the batch measures by itself.</summary>
    /// <inheritdoc cref="Lookup(ReadOnlySpan{PhysicalAddress},Span{RmpLookup})"/>
    public void StatesOf(ReadOnlySpan<PhysicalAddress> addresses, Span<PageState> results) =>
        EntryBatch<StateQuestion, PhysicalAddress, PageState>.Run(new StateQuestion(this), addresses, results);

    /// <summary>Prefetches the entry of a page and the base entry of its region. Changes nothing, and never fails.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void Prefetch(PhysicalAddress address)
    {
        if (!Sse.IsSupported || !_geometry.TryGetIndex(address, out nuint index)) return;
        // Safety: entries are pinned; a hint accesses nothing.
        Sse.Prefetch0(Unsafe.AsPointer(ref _protocol.Entries.Low(index)));
        Sse.Prefetch0(Unsafe.AsPointer(ref _protocol.Entries.Low(index & ~RmpProtocol.LastSubpage)));
    }

    /// <summary>Prefetches the one entry that a check of the host reads. Changes nothing, and never fails.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void Prefetch(PhysicalAddress address, PageSize mapping)
    {
        if (!Sse.IsSupported || !_geometry.TryGetIndex(address, out nuint index)) return;
        if (mapping != PageSize.Size4K) index &= ~RmpProtocol.LastSubpage;
        Sse.Prefetch0(Unsafe.AsPointer(ref _protocol.Entries.Low(index))); // Safety: as above.
    }

    private readonly struct LookupQuestion(ReverseMapTable<TGeometry> table) : IEntryQuestion<PhysicalAddress, RmpLookup>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Prefetch(in PhysicalAddress item) => table.Prefetch(item);

        public RmpLookup Answer(in PhysicalAddress item) => table.Lookup(item);
    }

    private readonly struct StateQuestion(ReverseMapTable<TGeometry> table) : IEntryQuestion<PhysicalAddress, PageState>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Prefetch(in PhysicalAddress item) => table.Prefetch(item);

        public PageState Answer(in PhysicalAddress item) => table.StateOf(item);
    }
}
