using System;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Makes tables whose geometry is chosen at run time, so that callers need not name one.</summary>
public static class ReverseMapTable
{
    private const ulong Mebibyte = 1UL << 20;
    private const int EntryBytesShift = 8; // 16 bytes for each 4 KiB

    /// <summary>A contiguous table for a machine whose memory begins at address 0, with the default choices.</summary>
    /// <inheritdoc cref="Covering(ulong, ProcessorModel, ModelChoices)"/>
    public static ReverseMapTable<RmpGeometry> Covering(ulong bytes, ProcessorModel processor) =>
        Covering(bytes, processor, ModelChoices.Default);

    /// <summary>A contiguous table for a machine whose memory begins at address 0.</summary>
    /// <param name="bytes">Memory to cover; rounded up to 2 MiB.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="choices">The open points.</param>
    /// <returns>The table, as SNP_INIT leaves it: it is located directly above that memory, with firmware's alignment, and covers itself,
    /// too; its own pages are Firmware, all others are the hypervisor's.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is 0, or memory and table together would exceed 2^52
    /// bytes.</exception>
    /// <exception cref="ArgumentException">The processor has no RMP.</exception>
    /// <exception cref="System.IO.IOException">The operating system refused the reservation.</exception>
    /// <remarks>Reserved sparsely: pages of the table that are never touched cost nothing.</remarks>
    public static ReverseMapTable<RmpGeometry> Covering(ulong bytes, ProcessorModel processor, ModelChoices choices)
    {
        const ulong Most = (PhysicalAddress.ValidMask >> 1) + 1;
        if (bytes is 0 or > Most) Throw.SizeOutside(nameof(bytes), bytes, Most);
        ulong start = (bytes + PageSize.Size2M.OffsetMask()) & ~PageSize.Size2M.OffsetMask();

        // The table covers itself: each iteration adds the entries for what the one before added, 1/256 of it.
        ulong length = 0;
        for (ulong needed = Mebibyte; length < needed;)
        {
            length = needed;
            ulong covered = (start + length + PageSize.Size2M.OffsetMask()) & ~PageSize.Size2M.OffsetMask();
            ulong exact = ContiguousGeometry.BookkeepingBytes + (covered >> EntryBytesShift);
            needed = (exact + Mebibyte - 1) & ~(Mebibyte - 1);
        }

        ContiguousGeometry geometry = new(PhysicalAddress.Create(start), PhysicalAddress.Create(start + length - 1));
        ReverseMapTable<RmpGeometry> table = new(new RmpGeometry(geometry), processor, choices);
        table.ClaimOwnPages();
        return table;
    }

    /// <summary>An empty table at the place that the registers of a machine describe.</summary>
    /// <param name="registers">RMP_BASE, RMP_END and RMP_CFG.</param>
    /// <param name="segmentTable">The RST, 8 bytes an entry, if the RMP is segmented; else it may be empty.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="choices">The open points; null for <see cref="ModelChoices.Default"/>.</param>
    /// <returns>The table. All entries are zero until SNP_INIT or <see cref="ReverseMapTable{TGeometry}.ClaimOwnPages"/>.</returns>
    /// <exception cref="ArgumentException">The registers describe no RMP; the message says why. <see cref="RmpGeometry.TryCreate"/> checks
    /// them without an exception.</exception>
    /// <exception cref="System.IO.IOException">The operating system refused the reservation.</exception>
    public static ReverseMapTable<RmpGeometry> FromRegisters(
        RmpRegisters registers, ReadOnlySpan<ulong> segmentTable, ProcessorModel processor, ModelChoices? choices = null) =>
        new(GeometryOf(registers, segmentTable, processor), processor, choices ?? ModelChoices.Default);

    /// <summary>A table over existing storage, such as a dump, with the geometry that the registers of the machine describe.</summary>
    /// <param name="registers">RMP_BASE, RMP_END and RMP_CFG.</param>
    /// <param name="segmentTable">The RST, 8 bytes an entry, if the RMP is segmented; else it may be empty.</param>
    /// <param name="storage">The bookkeeping and the entries; the caller disposes it after the table.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="choices">The open points; null for <see cref="ModelChoices.Default"/>.</param>
    /// <returns>The table.</returns>
    /// <exception cref="ArgumentException">The registers describe no RMP, or the storage is too small for it.</exception>
    /// <exception cref="InvalidOperationException">The storage is read-only.</exception>
    public static ReverseMapTable<RmpGeometry> Over(
        PinnedMemory storage, RmpRegisters registers, ReadOnlySpan<ulong> segmentTable, ProcessorModel processor,
        ModelChoices? choices = null) =>
        new(GeometryOf(registers, segmentTable, processor), storage, processor, choices ?? ModelChoices.Default);

    private static RmpGeometry GeometryOf(RmpRegisters registers, ReadOnlySpan<ulong> segmentTable, ProcessorModel processor)
    {
        if (!RmpGeometry.TryCreate(registers, segmentTable, processor, out RmpGeometry geometry, out string? refusal))
        {
            Throw.Geometry(nameof(registers), refusal);
        }

        return geometry;
    }
}
