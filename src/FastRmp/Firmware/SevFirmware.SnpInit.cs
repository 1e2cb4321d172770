using System;
using FastRmp.Addressing;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_INIT.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>The legacy HyperTransport hole, never DRAM: 0xFD_0000_0000 to 0xFD_FFFF_FFFF.</summary>
    private const ulong HyperTransportStart = 0xFD_0000_0000;
    private const ulong HyperTransportEnd = 0xFE_0000_0000;

    /// <summary>SNP_INIT (0x81) and SNP_INIT_EX (0x85): builds the whole table anew.</summary>
    /// <param name="parameters">What the machine has.</param>
    /// <returns>SUCCESS; INVALID_CONFIG; INVALID_PLATFORM_STATE if it was done before; INVALID_ADDRESS if a range is no whole number of pages or reaches beyond 2^52; RMP_INITIALIZATION_FAILED if the RMP is not as firmware wants it (<see cref="IRmpGeometry.FirmwareRefusal"/>), or a page of the RMP or of an IOMMU would not be Hypervisor before it becomes firmware's. Unless SUCCESS, the table is as before.</returns>
    /// <remarks>
    /// <para>Source: AMD SEV firmware, sev_rmp.c, sev_mcmd.c, sev_hal_iommu.c. Of what follows later entries override earlier ones. All that is covered: HV_Fixed. DRAM: Hypervisor. The caller's ranges but for the RMP's own: HV_Fixed. TSEG, ASEG, the HyperTransport hole: HV_Fixed. The RMP itself: Firmware. The counters by ASID become zero, and Subpage_Count follows. IOMMU pages: Firmware-IOMMU.</para>
    /// <para>The machine stands still: no other thread may use the table. Every entry is written, 16 bytes for each covered page, so that storage that was reserved sparsely becomes real. Ends whatever RMPOPT verified.</para>
    /// </remarks>
    public FirmwareStatus SnpInit(in SnpInitParameters parameters)
    {
        if (!IsSnpEnabled) return FirmwareStatus.InvalidConfig;
        if (IsInitialized) return FirmwareStatus.InvalidPlatformState;
        if (!AreWholePages(parameters)) return FirmwareStatus.InvalidAddress;
        TGeometry geometry = Table.Geometry;
        if (geometry.FirmwareRefusal(parameters.Dram) is not null) return FirmwareStatus.RmpInitializationFailed;
        PhysicalRange[] own = OwnRanges(geometry);
        InitPlan plan = MakePlan(geometry, parameters, own);
        if (!TryClaim(plan, own, FirmwareRow.Firmware) || !TryClaim(plan, parameters.Iommu, FirmwareRow.FirmwareIommu)) return FirmwareStatus.RmpInitializationFailed;
        Build(plan);
        IsInitialized = true;
        return FirmwareStatus.Success;
    }

    /// <summary>Steps 1 to 4: what the machine gives.</summary>
    private static InitPlan MakePlan(TGeometry geometry, in SnpInitParameters parameters, PhysicalRange[] own)
    {
        InitPlan plan = InitPlan.Create(geometry, parameters.Dram.IsEmpty ? FirmwareRow.Hypervisor : FirmwareRow.HvFixed);
        foreach (PhysicalRange range in parameters.Dram)
        {
            plan.Paint(range.Start.Value, range.End, FirmwareRow.Hypervisor);
        }

        foreach (PhysicalRange range in parameters.Fixed)
        {
            plan.PaintAround(range, FirmwareRow.HvFixed, own);
        }

        plan.Paint(parameters.Tseg.Start.Value, parameters.Tseg.End, FirmwareRow.HvFixed);
        plan.Paint(parameters.Aseg.Start.Value, parameters.Aseg.End, FirmwareRow.HvFixed);
        plan.Paint(HyperTransportStart, HyperTransportEnd, FirmwareRow.HvFixed);
        return plan;
    }

    /// <summary>Steps 5 and 7: pages become firmware's if all of them are Hypervisor so far.</summary>
    private static bool TryClaim(InitPlan plan, ReadOnlySpan<PhysicalRange> ranges, ulong low)
    {
        foreach (PhysicalRange range in ranges)
        {
            if (!plan.IsAll(range, FirmwareRow.Hypervisor)) return false;
            plan.Paint(range.Start.Value, range.End, low);
        }

        return true;
    }

    /// <summary>Step 6, and the counts of step 7.</summary>
    private void Build(InitPlan plan)
    {
        foreach (InitPlan.Piece piece in plan.Pieces)
        {
            Table.FillForFirmware(piece.Range, piece.Low);
        }

        Table.ResetForFirmware();
        foreach (InitPlan.Piece piece in plan.Pieces)
        {
            if (piece.Low is not (FirmwareRow.Hypervisor or FirmwareRow.HvFixed)) Table.CountForFirmware(piece.Range);
        }
    }

    private static PhysicalRange[] OwnRanges(TGeometry geometry)
    {
        PhysicalRange[] own = new PhysicalRange[geometry.OwnRanges];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = geometry.OwnRange(i);
        }

        Array.Sort(own, static (left, right) => left.Start.CompareTo(right.Start));
        return own;
    }

    private static bool AreWholePages(in SnpInitParameters parameters) =>
        AreWholePages(parameters.Dram) && AreWholePages(parameters.Fixed) && AreWholePages(parameters.Iommu)
        && AreWholePages([parameters.Tseg, parameters.Aseg]);

    private static bool AreWholePages(ReadOnlySpan<PhysicalRange> ranges)
    {
        foreach (PhysicalRange range in ranges)
        {
            bool isWhole = range.Start.IsAligned(PageSize.Size4K) && (range.Length & PageSize.Size4K.OffsetMask()) == 0;
            if (!isWhole || range.Length > PhysicalAddress.ValidMask + 1 - range.Start.Value) return false;
        }

        return true;
    }
}
