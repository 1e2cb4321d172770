using System.Collections.Immutable;
using FastRmp.Addressing;
using FastRmp.Rmp;

namespace FastRmp.Firmware;

/// <content>SNP_INIT, SNP_INIT_EX, and legacy INIT.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>The legacy HyperTransport hole, never DRAM: 0xFD_0000_0000 to 0xFD_FFFF_FFFF.</summary>
    private const ulong HyperTransportStart = 0xFD_0000_0000;
    private const ulong HyperTransportEnd = 0xFE_0000_0000;

    /// <summary>SNP_INIT (0x81): builds the whole table, as SNP_INIT_EX with INIT_RMP and without a list.</summary>
    /// <returns>As <see cref="SnpInitEx"/>.</returns>
    public FirmwareStatus SnpInit() => SnpInitEx(new SnpInitExParameters { InitRmp = true });

    /// <summary>SNP_INIT_EX (0x85): builds the whole table, or keeps it.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, RMP_INIT_REQUIRED, INVALID_CONFIG, INVALID_ADDRESS, RMP_INITIALIZATION_FAILED or HWERROR_PLATFORM.</returns>
    /// <remarks>
    /// <para>Source: AMD SEV firmware, sev_mcmd.c, sev_rmp.c, sev_hal_iommu.c. Of what follows later entries override earlier ones. All that is covered: HV_Fixed. DRAM: Hypervisor. The list's ranges, up to the first bad one, but for the RMP's own pages: HV_Fixed. TSEG, ASEG, the HyperTransport hole: HV_Fixed. The RMP itself: Firmware. The counters by ASID become zero, and Subpage_Count follows. IOMMU buffers, whatever they were: Firmware-IOMMU. Every ASID becomes dirty, also if the command fails with RMP_INIT_REQUIRED or later.</para>
    /// <para>INVALID_CONFIG for an IOMMU buffer inside the RMP or not covered, and HWERROR_PLATFORM, come when the table is written: it stays as it is then, and SNP stays UNINIT.</para>
    /// <para>Where the table is built, the machine stands still: no other thread may use the table. Every entry is written, 16 bytes for each covered page, so that storage that was reserved sparsely becomes real. Ends whatever RMPOPT verified.</para>
    /// </remarks>
    public FirmwareStatus SnpInitEx(in SnpInitExParameters parameters)
    {
        if (parameters.HasReservedBits) return FirmwareStatus.InvalidParam;
        if (_platform.Snp != SnpPlatformState.Uninit || _platform.Sev != SevPlatformState.Uninit) return FirmwareStatus.InvalidPlatformState;
        _asids.MakeDirty(AllCoreComplexes);
        if (!parameters.InitRmp && (!_platform.IsRmpInitialized || _machine.IsTcbChanged)) return FirmwareStatus.RmpInitRequired;
        if (!parameters.InitRmp && parameters.HasList) return FirmwareStatus.InvalidParam;
        FirmwareStatus status = TestMachine(parameters.InitRmp);
        if (status == FirmwareStatus.Success && parameters.HasList) status = TestListAddress(parameters.ListAddress);
        if (status == FirmwareStatus.Success && parameters.InitRmp) status = Build(parameters);
        if (status == FirmwareStatus.Success) status = EnforceByIommus(parameters.InitRmp);
        if (status != FirmwareStatus.Success) return status;
        _asids.Reset(AllCoreComplexes);
        _platform = _platform with { Snp = SnpPlatformState.Init, IsRmpInitialized = true, Guests = 0 };
        return FirmwareStatus.Success;
    }

    /// <summary>Legacy INIT: only after SNP, never before it.</summary>
    /// <returns>SUCCESS, or INVALID_PLATFORM_STATE: legacy SEV is not UNINIT, or SNP_EN is set and the RMP is not initialised.</returns>
    public FirmwareStatus SevInit()
    {
        if (_platform.Sev != SevPlatformState.Uninit || (_platform.IsSnpEnabled && !_platform.IsRmpInitialized)) return FirmwareStatus.InvalidPlatformState;
        _platform = _platform with { Sev = SevPlatformState.Init };
        return FirmwareStatus.Success;
    }

    /// <summary>The registers of all cores.</summary>
    private FirmwareStatus TestMachine(bool builds)
    {
        bool isReady = _platform.IsSnpEnabled && _machine.IsMemoryEncryptionEnabled && _machine.IsVmplEnabled && _machine.IsMfdmEnabled && _machine.IsSmmLocked;
        if (!isReady || !_machine.AreRmpBoundsEqual) return FirmwareStatus.InvalidConfig;
        FirmwareStatus status = TestBounds();
        if (status != FirmwareStatus.Success) return status;
        return builds && !_machine.IsHostSaveAreaClear ? FirmwareStatus.InvalidConfig : FirmwareStatus.Success;
    }

    private FirmwareStatus TestBounds()
    {
        if (_own.Length == 0) return FirmwareStatus.InvalidConfig;
        bool isSegmented = Table.Geometry.IsSegmented;
        ulong rmpBase = _machine.RmpBase ?? _own[0].Start.Value;
        ulong rmpEnd = _machine.RmpEnd ?? (_own[0].End - 1);
        if (!isSegmented || _machine.RmpBase is not null)
        {
            FirmwareStatus status = TestBounds(rmpBase, rmpEnd, mustBeWhole: !isSegmented);
            if (status != FirmwareStatus.Success) return status;
            if (rmpBase != _own[0].Start.Value || (rmpEnd != _own[0].End - 1 && !isSegmented)) return FirmwareStatus.InvalidConfig; // no table of this machine
        }

        // Each segment's RMP like a contiguous one (inferred).
        foreach (PhysicalRange own in _own)
        {
            FirmwareStatus status = isSegmented ? TestBounds(own.Start.Value, own.End - 1, mustBeWhole: false) : FirmwareStatus.Success;
            if (status != FirmwareStatus.Success) return status;
        }

        return FirmwareStatus.Success;
    }

    private FirmwareStatus TestBounds(ulong first, ulong last, bool mustBeWhole)
    {
        if (Strip(first) != first || Strip(last) != last) return FirmwareStatus.InvalidAddress;
        const ulong Unit = FirmwareRules.Alignment - 1;
        bool isAligned = (first & Unit) == 0 && (!mustBeWhole || ((last + 1) & Unit) == 0);
        return isAligned && last > first && IsInDram(first, last - first + 1) ? FirmwareStatus.Success : FirmwareStatus.InvalidConfig;
    }

    private FirmwareStatus TestListAddress(ulong address) => CheckAddress(Strip(address), PageSize.Size4K.Bytes());

    /// <summary>Steps 1 to 6: the table but for what IOMMUs write.</summary>
    private FirmwareStatus Build(in SnpInitExParameters parameters)
    {
        InitPlan plan = MakePlan(parameters);
        foreach (PhysicalRange own in _own)
        {
            if (!plan.IsAll(own, FirmwareRow.Hypervisor)) return FirmwareStatus.RmpInitializationFailed;
            plan.Paint(own.Start.Value, own.End, FirmwareRow.Firmware);
        }

        foreach (InitPlan.Piece piece in plan.Pieces)
        {
            Table.FillForFirmware(piece.Range, piece.Low);
        }

        Table.ResetForFirmware();
        foreach (PhysicalRange own in _own)
        {
            Table.CountForFirmware(own);
        }

        return FirmwareStatus.Success;
    }

    /// <summary>Steps 1 to 4: what the machine gives.</summary>
    private InitPlan MakePlan(in SnpInitExParameters parameters)
    {
        InitPlan plan = InitPlan.Create(Table.Geometry, _machine.Dram.IsEmpty ? FirmwareRow.Hypervisor : FirmwareRow.HvFixed);
        foreach (PhysicalRange range in _machine.Dram)
        {
            plan.Paint(range, FirmwareRow.Hypervisor);
        }

        _listed.Clear();
        if (parameters.HasList) _ = TryReadList(parameters.List, PageOffset); // what comes before an error is used
        foreach (PhysicalRange range in _listed)
        {
            plan.PaintAround(range, FirmwareRow.HvFixed, _own);
        }

        plan.Paint(_machine.Tseg, FirmwareRow.HvFixed);
        if (_machine.IsAsegEnabled) plan.Paint(AsegStart, AsegEnd, FirmwareRow.HvFixed);
        plan.Paint(HyperTransportStart, HyperTransportEnd, FirmwareRow.HvFixed);
        return plan;
    }

    /// <summary>Step 7: the IOMMUs check accesses by the RMP from now on, and their buffers are theirs.</summary>
    private FirmwareStatus EnforceByIommus(bool builds)
    {
        _platform = _platform with { IsIommuEnforced = true };
        if (!_machine.AreIommusReady) return FirmwareStatus.HardwareErrorPlatform;
        if (!builds) return FirmwareStatus.Success;
        ImmutableArray<PhysicalRange> buffers = _machine.IommuBuffers;
        foreach (PhysicalRange buffer in buffers)
        {
            if (IsOwn(buffer.Start.Value, buffer.Length) || !IsCovered(buffer)) return FirmwareStatus.InvalidConfig;
            Table.FillIommuPages(buffer);
        }

        _iommuPages = [.. buffers];
        return FirmwareStatus.Success;
    }

    private bool IsCovered(PhysicalRange range)
    {
        for (ulong offset = 0; offset < range.Length; offset += PageSize.Size4K.Bytes())
        {
            if (!Table.IsCovered(range.Start + offset)) return false;
        }

        return true;
    }
}
