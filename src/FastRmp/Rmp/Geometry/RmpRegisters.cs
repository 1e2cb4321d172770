using System;
using System.Diagnostics.CodeAnalysis;

namespace FastRmp;

/// <summary>The MSRs that say where the RMP is, as RDMSR gives them.</summary>
/// <param name="RmpBase">RMP_BASE, MSR C001_0132.</param>
/// <param name="RmpEnd">RMP_END, MSR C001_0133; hardware does not look at it while the RMP is segmented.</param>
/// <param name="RmpCfg">RMP_CFG, MSR C001_0136; 0 on a processor that lacks it.</param>
/// <remarks>AMD64 APM vol. 2, 15.36. Any values are allowed: the Try-methods return the reason why values describe no RMP, and do not
/// throw. Immutable.</remarks>
public readonly record struct RmpRegisters(ulong RmpBase, ulong RmpEnd, ulong RmpCfg)
{
    /// <summary>Whether RMP_CFG says that the RMP is segmented.</summary>
    public bool IsSegmented => new RmpCfg(RmpCfg).SegmentedRmpEnabled;

    /// <summary>Whether a reserved bit is set: above bit 51 of RMP_BASE and, unless the RMP is segmented, of RMP_END, or in
    /// RMP_CFG.</summary>
    public bool HasReservedBits => new RmpBoundary(RmpBase).HasReservedBits || new RmpCfg(RmpCfg).HasReservedBits
        || (!IsSegmented && new RmpBoundary(RmpEnd).HasReservedBits);

    /// <summary>Whether RMP_BASE or RMP_END has an address in bits [51:13]; if not, the BIOS reserved no memory for an RMP.</summary>
    public bool HasAddress => new RmpBoundary(RmpBase).Unit != default || new RmpBoundary(RmpEnd).Unit != default;

    /// <summary>The registers of a contiguous RMP as hardware reads them: the range between the 8 KiB units of RMP_BASE and of
    /// RMP_END + 1.</summary>
    /// <returns>Aligned registers without reserved bits; where RMP_END + 1 has no address, RMP_END is 0.</returns>
    public RmpRegisters AsHardwareReads()
    {
        ulong pastEnd = new RmpBoundary(RmpEnd + 1).Unit.Value;
        return new RmpRegisters(new RmpBoundary(RmpBase).Unit.Value, pastEnd == 0 ? 0 : pastEnd - 1, 0);
    }

    /// <summary>The registers of a contiguous RMP.</summary>
    /// <param name="geometry">The geometry; the default one gives registers without an RMP.</param>
    /// <returns>The values to write.</returns>
    public static RmpRegisters Of(ContiguousGeometry geometry) => new(geometry.Base.Value, geometry.End.Value, 0);

    /// <summary>The registers of a segmented RMP, whose segment table is <see cref="SegmentedGeometry.CopySegmentTable"/>.</summary>
    /// <param name="geometry">The geometry; the default one gives registers without an RMP.</param>
    /// <returns>The values to write.</returns>
    public static RmpRegisters Of(SegmentedGeometry geometry) => geometry.SegmentShift == 0
        ? default
        : new RmpRegisters(
            geometry.Base.Value, 0, new RmpCfg { SegmentedRmpEnabled = true, SegmentShift = (byte)geometry.SegmentShift }.Value);

    /// <summary>The contiguous RMP that the registers describe, or why there is none.</summary>
    /// <param name="geometry">The geometry; if refused, the default one, which covers nothing.</param>
    /// <param name="refusal">What is wrong, or null.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetContiguous(out ContiguousGeometry geometry, [NotNullWhen(false)] out string? refusal)
    {
        geometry = default;
        refusal = IsSegmented ? $"RMP_CFG 0x{RmpCfg:x} says that the RMP is segmented." : ReservedBits();
        return refusal is null
            && ContiguousGeometry.TryCreate(PhysicalAddress.Create(RmpBase), PhysicalAddress.Create(RmpEnd), out geometry, out refusal);
    }

    /// <summary>The segmented RMP that the registers describe, or why there is none.</summary>
    /// <param name="segmentTable">The RST from RMP_BASE + 0x4000, 8 bytes an entry: the covered GiB in [19:0], the address of the segment's
    /// entries in [51:20]. At most 512 entries, missing ones count as zero.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="geometry">The geometry; if refused, the default one, which covers nothing.</param>
    /// <param name="refusal">What is wrong, or null.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetSegmented(
        ReadOnlySpan<ulong> segmentTable, ProcessorModel processor, out SegmentedGeometry geometry,
        [NotNullWhen(false)] out string? refusal) =>
        TryGetSegmented(segmentTable, processor, ModelChoices.Default, out geometry, out refusal);

    /// <summary>The segmented RMP that the registers describe, or why there is none.</summary>
    /// <param name="segmentTable">The RST from RMP_BASE + 0x4000, 8 bytes an entry: the covered GiB in [19:0], the address of the segment's
    /// entries in [51:20]. At most 512 entries, missing ones count as zero.</param>
    /// <param name="processor">The processor generation.</param>
    /// <param name="choices">How reserved bits in the segment table are treated:
    /// <see cref="ModelChoices.IgnoreReservedSegmentBits"/>.</param>
    /// <param name="geometry">The geometry; if refused, the default one, which covers nothing.</param>
    /// <param name="refusal">What is wrong, or null; for reserved bits also the fault that the processor raises
    /// (<see cref="ProcessorModel.HasHardSegmentLimit"/>).</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetSegmented(
        ReadOnlySpan<ulong> segmentTable, ProcessorModel processor, ModelChoices choices, out SegmentedGeometry geometry,
        [NotNullWhen(false)] out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentNullException.ThrowIfNull(choices);
        geometry = default;
        refusal = IsSegmented ? ReservedBits() : $"RMP_CFG 0x{RmpCfg:x} says that the RMP is not segmented.";
        if (refusal is not null) return false;
        if (segmentTable.Length > SegmentedGeometry.SegmentTableEntries)
        {
            refusal = $"A segment table has {SegmentedGeometry.SegmentTableEntries} entries, not {segmentTable.Length}.";
            return false;
        }

        Span<RmpSegment> segments = new RmpSegment[segmentTable.Length];
        int count = 0;
        for (int i = 0; i < segmentTable.Length; i++)
        {
            RmpSegmentEntry entry = new(segmentTable[i]);
            if (entry.HasReservedBits && !choices.IgnoreReservedSegmentBits)
            {
                string fault = processor.HasHardSegmentLimit
                    ? "#GP(0) when SNP_EN is set"
                    : "a reserved-bit page fault when the segment is used";
                refusal = $"Segment {i}: the entry 0x{entry.Value:x} of the segment table has reserved bits set: {fault}.";
                return false;
            }

            if (entry.CoveredGib != 0) segments[count++] = new RmpSegment(i, entry.CoveredGib, entry.RmpBase.Value);
        }

        return SegmentedGeometry.TryCreate(
            PhysicalAddress.Create(RmpBase), new RmpCfg(RmpCfg).SegmentShift, segments[..count], processor, out geometry, out refusal);
    }

    /// <summary>Why firmware would not initialise SNP with these registers, whatever geometry they describe: they have to be the same on
    /// all cores and free of the C-bit.</summary>
    /// <param name="cores">The registers of each core; every one is compared with the first.</param>
    /// <param name="encryptionBit">Position of the C-bit in an address (CPUID Fn8000_001F EBX[5:0]).</param>
    /// <returns>The first reason found, or null if there is none.</returns>
    public static string? FirmwareRefusal(ReadOnlySpan<RmpRegisters> cores, int encryptionBit)
    {
        for (int i = 0; i < cores.Length; i++)
        {
            if (cores[i] != cores[0]) return $"Core {i} has {cores[i].Text()}, core 0 has {cores[0].Text()}.";
        }

        return !cores.IsEmpty && (((cores[0].RmpBase | cores[0].RmpEnd) >> encryptionBit) & 1) != 0
            ? $"{cores[0].Text()}: an address has the C-bit, bit {encryptionBit}."
            : null;
    }

    private string Text() => $"RMP_BASE 0x{RmpBase:x}, RMP_END 0x{RmpEnd:x}, RMP_CFG 0x{RmpCfg:x}";

    private string? ReservedBits()
    {
        if (new RmpBoundary(RmpBase).HasReservedBits) return $"RMP_BASE 0x{RmpBase:x} has reserved bits set, above bit 51.";
        if (!IsSegmented && new RmpBoundary(RmpEnd).HasReservedBits) return $"RMP_END 0x{RmpEnd:x} has reserved bits set, above bit 51.";
        return new RmpCfg(RmpCfg).HasReservedBits ? $"RMP_CFG 0x{RmpCfg:x} has reserved bits set, [7:1] or [63:14]." : null;
    }
}
