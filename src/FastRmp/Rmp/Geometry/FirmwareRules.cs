using System;

namespace FastRmp;

/// <summary>What firmware requires of an RMP in addition to hardware, in any geometry.</summary>
/// <remarks>Source: AMD SEV firmware, sev_rmp.c. That the rules hold for each segment's RMP as for a contiguous one is inferred.</remarks>
internal static class FirmwareRules
{
    /// <summary>1 MiB, the alignment that firmware requires of an RMP: the unit of the address in a segment table's entry.</summary>
    internal const ulong Alignment = 1UL << RmpSegmentEntry.RmpBaseShift;

    internal static string? Refusal<TGeometry>(in TGeometry geometry, ReadOnlySpan<PhysicalRange> dram)
        where TGeometry : struct, IRmpGeometry
    {
        for (int i = 0; i < geometry.OwnRanges; i++)
        {
            PhysicalRange own = geometry.OwnRange(i);
            string? refusal = NotAligned(own) ?? NotCovered(geometry, own) ?? NotInside(own, dram);
            if (refusal is not null) return refusal;
        }

        return geometry.OwnRanges == 0 ? "There is no RMP." : null;
    }

    private static string? NotAligned(PhysicalRange own) => own.Start.Value % Alignment == 0
        ? null
        : $"The RMP at {Text(own)} does not begin at a multiple of 1 MiB.";

    private static string? NotCovered<TGeometry>(in TGeometry geometry, PhysicalRange own)
        where TGeometry : struct, IRmpGeometry
    {
        // Covered ranges come in order: each takes the address further, or the address lies before them all.
        ulong reached = own.Start.Value;
        for (int i = 0; i < geometry.CoveredRanges && reached < own.End; i++)
        {
            PhysicalRange covered = geometry.CoveredRange(i);
            if (reached >= covered.Start.Value && reached < covered.End) reached = covered.End;
        }

        return reached >= own.End ? null : $"The RMP at {Text(own)} does not cover itself: the page 0x{reached:x} has no entry.";
    }

    private static string? NotInside(PhysicalRange own, ReadOnlySpan<PhysicalRange> dram)
    {
        foreach (PhysicalRange range in dram)
        {
            if (range.Contains(own.Start, own.Length)) return null;
        }

        return dram.IsEmpty ? null : $"The RMP at {Text(own)} does not lie inside a single range of DRAM.";
    }

    /// <summary>A range as the registers have it: first and last byte.</summary>
    internal static string Text(PhysicalRange range) => $"0x{range.Start.Value:x}-0x{range.End - 1:x}";
}
