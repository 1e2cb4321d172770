using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>SNP_INIT, which builds the table, and SNP_SHUTDOWN (rmp 1.1, 1.6, 3.1).</content>
public sealed partial class ReferenceRmp
{
    private static readonly ReferenceRange HyperTransportHole = new(0xFD_0000_0000UL, 0xFD_FFFF_FFFFUL);

    private bool _isInitialized;

    /// <summary>SNP_INIT: a whole new table. A refusal leaves the old one.</summary>
    /// <param name="list">What there is in the machine.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus SnpInit(ReferenceInitList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        if (!IsEnabled) return ReferenceFirmwareStatus.InvalidConfig;
        if (_isInitialized) return ReferenceFirmwareStatus.InvalidPlatformState;
        if (!IsAcceptableToFirmware(list)) return ReferenceFirmwareStatus.RmpInitializationFailed;

        // Steps 1 to 4; later ranges override earlier ones.
        List<Initial> layout = [new Initial(new ReferenceRange(0, (1UL << 52) - 1), ReferencePageState.HvFixed)];
        Append(layout, list.Dram.Count == 0 ? Geometry.CoveredRanges : list.Dram, ReferencePageState.Hypervisor);
        foreach (ReferenceRange fixedRange in list.Fixed) Append(layout, WithoutOwn(fixedRange), ReferencePageState.HvFixed);
        if (list.Tseg is ReferenceRange tseg) layout.Add(new Initial(tseg, ReferencePageState.HvFixed));
        if (list.Aseg is ReferenceRange aseg) layout.Add(new Initial(aseg, ReferencePageState.HvFixed));
        layout.Add(new Initial(HyperTransportHole, ReferencePageState.HvFixed));

        // Step 5.
        foreach (ReferenceRange own in Geometry.OwnRanges)
        {
            if (!IsAllHypervisor(layout, own)) return ReferenceFirmwareStatus.RmpInitializationFailed;
        }

        Append(layout, Geometry.OwnRanges, ReferencePageState.Firmware);

        // Step 7, which takes one log after the other.
        foreach (ReferenceRange log in list.Iommu)
        {
            if (!IsAllHypervisor(layout, log)) return ReferenceFirmwareStatus.RmpInitializationFailed;
            layout.Add(new Initial(log, ReferencePageState.FirmwareIommu));
        }

        StartOver(layout);
        _isInitialized = true;
        return ReferenceFirmwareStatus.Success;
    }

    /// <summary>SNP_SHUTDOWN_EX.</summary>
    /// <param name="iommu">Whether every Firmware-IOMMU page becomes Reclaim.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus Shutdown(bool iommu)
    {
        if (!IsEnabled) return ReferenceFirmwareStatus.InvalidConfig;
        if (!iommu) return ReferenceFirmwareStatus.Success;
        TouchListed();
        foreach (KeyValuePair<ulong, ReferenceEntry[]> region in _regions)
        {
            // A large page is one page, and its sub-entries say nothing (rmp 2.3).
            int pages = region.Value[0].Large ? 1 : PagesPerRegion;
            for (int i = 0; i < pages; i++)
            {
                ReferenceEntry entry = region.Value[i];
                if (ReferencePageStates.Decode(entry) == ReferencePageState.FirmwareIommu) WriteReclaim(entry);
            }
        }

        return ReferenceFirmwareStatus.Success;
    }

    // rmp 1.1: firmware is stricter than hardware.
    private bool IsAcceptableToFirmware(ReferenceInitList list)
    {
        const ulong Alignment = 1024 * 1024;
        bool aligned = Geometry.IsSegmented || (Geometry.Base % Alignment == 0 && (Geometry.End + 1) % Alignment == 0);
        if (!aligned) return false;
        foreach (ReferenceRange own in Geometry.OwnRanges)
        {
            if (!IsAllCovered(own)) return false;
            bool inOne = list.Dram.Count == 0;
            foreach (ReferenceRange dram in list.Dram) inOne |= own.First >= dram.First && own.Last <= dram.Last;
            if (!inOne) return false;
        }

        return true;
    }

    private bool IsAllCovered(ReferenceRange range)
    {
        for (ulong start = RegionOf(range.First); start <= range.Last; start += RegionBytes)
        {
            if (!Geometry.IsCovered(start)) return false;
        }

        return true;
    }

    // Pages that are not covered are not Hypervisor but Default.
    private bool IsAllHypervisor(List<Initial> layout, ReferenceRange range)
    {
        if (!IsAllCovered(range)) return false;

        // The state can change only where a piece begins or where one has ended.
        if (StateBy(layout, range.First) != ReferencePageState.Hypervisor) return false;
        foreach (Initial piece in layout)
        {
            foreach (ulong page in (ReadOnlySpan<ulong>)[piece.Range.First, piece.Range.Last + 1])
            {
                bool inside = page >= range.First && page <= range.Last;
                if (inside && StateBy(layout, page) != ReferencePageState.Hypervisor) return false;
            }
        }

        return true;
    }

    private static ReferencePageState StateBy(List<Initial> layout, ulong page)
    {
        ReferencePageState state = ReferencePageState.Invalid;
        foreach (Initial piece in layout)
        {
            if (page >= piece.Range.First && page <= piece.Range.Last) state = piece.State;
        }

        return state;
    }

    // Step 3 cuts the RMP's own range out of what the caller lists.
    private List<ReferenceRange> WithoutOwn(ReferenceRange range)
    {
        List<ReferenceRange> rest = [range];
        foreach (ReferenceRange own in Geometry.OwnRanges)
        {
            List<ReferenceRange> next = [];
            foreach (ReferenceRange piece in rest)
            {
                bool apart = own.Last < piece.First || own.First > piece.Last;
                if (apart) next.Add(piece);
                if (!apart && piece.First < own.First) next.Add(new ReferenceRange(piece.First, own.First - 1));
                if (!apart && piece.Last > own.Last) next.Add(new ReferenceRange(own.Last + 1, piece.Last));
            }

            rest = next;
        }

        return rest;
    }

    private static void Append(List<Initial> layout, IReadOnlyList<ReferenceRange> ranges, ReferencePageState state)
    {
        foreach (ReferenceRange range in ranges) layout.Add(new Initial(range, state));
    }
}
