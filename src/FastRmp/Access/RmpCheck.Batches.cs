using System;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <content>The checks of many accesses.</content>
public static partial class RmpCheck
{
    /// <summary>Checks many host accesses as one call of
    /// <see cref="Host{TGeometry}(ReverseMapTable{TGeometry},AccessKind,PhysicalAddress,PageSize,bool)"/> for each would, with their cache
    /// misses overlapped where the entries are not in the cache, which the batch measures by itself.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table; SNP is enabled.</param>
    /// <param name="kind">Read, write or fetch; any other value counts as a read.</param>
    /// <param name="addresses">The physical addresses accessed; any number, also none.</param>
    /// <param name="mapping">Size of the host mappings; whatever is not 4 KiB is checked as 2 MiB.</param>
    /// <param name="isUser">Whether the accesses are made in user mode.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses: zero for an access that may happen, else the #PF error
    /// code. What is behind the last one is left alone. It must not overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    /// <remarks>Each access is checked at a moment of its own, as in calls one after the other.</remarks>
    public static void Host<TGeometry>(
        ReverseMapTable<TGeometry> table, AccessKind kind, ReadOnlySpan<PhysicalAddress> addresses, PageSize mapping, bool isUser,
        Span<PageFaultErrorCode> results)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        if (results.Length < addresses.Length) Throw.ResultsTooShort(nameof(results), results.Length, addresses.Length);
        PageFaultErrorCode fault = FaultCodes.OfHostWrite(isUser);
        if (kind != AccessKind.Write)
        {
            results[..addresses.Length].Clear(); // only writes fail
        }
        else if (mapping == PageSize.Size4K)
        {
            EntryBatch<SmallWrite<TGeometry>, PhysicalAddress, PageFaultErrorCode>.Run(new(table, fault), addresses, results);
        }
        else
        {
            EntryBatch<LargeWrite<TGeometry>, PhysicalAddress, PageFaultErrorCode>.Run(new(table, fault), addresses, results);
        }
    }

    /// <summary>Checks many accesses of a device as one call of
    /// <see cref="Device{TGeometry}(ReverseMapTable{TGeometry},AccessKind,PhysicalAddress,PageSize)"/> for each would, with their cache
    /// misses overlapped where the entries are not in the cache, which the batch measures by itself.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="kind">Read or write; whether reads are checked is <see cref="ModelChoices.DmaReadsAreChecked"/>.</param>
    /// <param name="addresses">The physical addresses accessed; any number, also none.</param>
    /// <param name="mapping">Size of the IOMMU's mappings.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses: whether the access passes. What is behind the last one is
    /// left alone. It must not overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    /// <remarks>Each access is checked at a moment of its own, as in calls one after the other.</remarks>
    public static void Device<TGeometry>(
        ReverseMapTable<TGeometry> table, AccessKind kind, ReadOnlySpan<PhysicalAddress> addresses, PageSize mapping, Span<bool> results)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        DeviceQuestion<TGeometry> question = new(table, kind, mapping);
        EntryBatch<DeviceQuestion<TGeometry>, PhysicalAddress, bool>.Run(question, addresses, results);
    }

    /// <summary>Checks many accesses of a guest as one call of
    /// <see cref="Guest{TGeometry}(ReverseMapTable{TGeometry},in GuestAccess,in NestedPage)"/> for each would, with their cache misses
    /// overlapped where the entries are not in the cache, which the batch measures by itself.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="access">The guest, its privilege and the kind of access.</param>
    /// <param name="pages">Where: guest physical and system physical addresses of the bytes, and the sizes of the nested mappings; any
    /// number, also none.</param>
    /// <param name="results">Receives the outcomes in the order of the pages: SUCCESS, a nested page fault with EXITINFO1, or #VC. What is
    /// behind the last one is left alone. It must not overlap the pages.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="pages"/>; nothing was
    /// written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The kind is not defined, or the VMPL or the CPL is above 3; nothing was
    /// written.</exception>
    /// <remarks>Each access is checked at a moment of its own, as in calls one after the other.</remarks>
    public static void Guest<TGeometry>(
        ReverseMapTable<TGeometry> table, in GuestAccess access, ReadOnlySpan<NestedPage> pages, Span<GuestResult> results)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        RequireKnown(access);
        EntryBatch<GuestQuestion<TGeometry>, NestedPage, GuestResult>.Run(new GuestQuestion<TGeometry>(table, access), pages, results);
    }

    /// <summary>A fault, or none, without a branch that depends on an entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PageFaultErrorCode Unless(this PageFaultErrorCode fault, bool passes) => new(fault.Value & ((passes ? 1UL : 0) - 1));

    private readonly struct SmallWrite<TGeometry>(ReverseMapTable<TGeometry> table, PageFaultErrorCode fault)
        : IEntryQuestion<PhysicalAddress, PageFaultErrorCode>
        where TGeometry : struct, IRmpGeometry
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Prefetch(in PhysicalAddress item) => table.Prefetch(item, PageSize.Size4K);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public PageFaultErrorCode Answer(in PhysicalAddress item) => fault.Unless(table.IsOneHostWritable(item, PageSize.Size4K));
    }

    private readonly struct LargeWrite<TGeometry>(ReverseMapTable<TGeometry> table, PageFaultErrorCode fault)
        : IEntryQuestion<PhysicalAddress, PageFaultErrorCode>
        where TGeometry : struct, IRmpGeometry
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Prefetch(in PhysicalAddress item) => table.Prefetch(item, PageSize.Size2M);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public PageFaultErrorCode Answer(in PhysicalAddress item) => fault.Unless(table.IsOneHostWritable(item, PageSize.Size2M));
    }

    private readonly struct DeviceQuestion<TGeometry>(ReverseMapTable<TGeometry> table, AccessKind kind, PageSize mapping)
        : IEntryQuestion<PhysicalAddress, bool>
        where TGeometry : struct, IRmpGeometry
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Prefetch(in PhysicalAddress item) => table.Prefetch(item, mapping);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Answer(in PhysicalAddress item) => new DmaRmpCheck<TGeometry>(table).MayAccess(item, mapping, kind);
    }

    private readonly struct GuestQuestion<TGeometry>(ReverseMapTable<TGeometry> table, GuestAccess access)
        : IEntryQuestion<NestedPage, GuestResult>
        where TGeometry : struct, IRmpGeometry
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Prefetch(in NestedPage item) => table.Prefetch(item.Spa);

        public GuestResult Answer(in NestedPage item) => Outcome(table, access, item);
    }
}
