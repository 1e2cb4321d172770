namespace FastRmp.Firmware;

/// <content>SNP_INIT, SNP_INIT_EX, and legacy INIT.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>The legacy HyperTransport hole, never DRAM: 0xFD_0000_0000 to 0xFD_FFFF_FFFF.</summary>
    private const ulong HyperTransportStart = 0xFD_0000_0000;
    private const ulong HyperTransportEnd = 0xFE_0000_0000;

    /// <summary>SNP_INIT (0x81): builds the whole table, as SNP_INIT_EX with INIT_RMP and without a list.</summary>
    /// <returns>As <see cref="SnpInitEx"/>.</returns>
    public FirmwareStatus SnpInit() => SnpInitEx(new PlatformParameters { InitRmp = true });

    /// <summary>SNP_INIT_EX (0x85): builds the whole table, or keeps it.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_PARAM, INVALID_PLATFORM_STATE, RMP_INIT_REQUIRED, INVALID_CONFIG, INVALID_ADDRESS, UNSUPPORTED (C-bits in
    /// the bounds), RMP_INITIALIZATION_FAILED or HWERROR_PLATFORM.</returns>
    /// <remarks>
    /// <para>Source: AMD SEV firmware, sev_mcmd.c, sev_rmp.c, sev_hal_iommu.c. Of what follows later entries override earlier ones. All
    /// that is covered: HV_Fixed. DRAM: Hypervisor. The list's ranges, up to the first bad one, if the list is where firmware may read,
    /// but for the RMP's own pages: HV_Fixed. TSEG, ASEG, the HyperTransport hole: HV_Fixed. The RMP itself: Firmware. The counters by ASID
    /// become zero, and Subpage_Count follows. IOMMU buffers, whatever they were: Firmware-IOMMU. Every ASID becomes dirty and nothing
    /// else; if the command fails with RMP_INIT_REQUIRED or later, dirty besides what it was, unless <see cref="Context"/> says
    /// otherwise.</para>
    /// <para>INVALID_CONFIG for an IOMMU buffer that is empty, or begins or ends inside the RMP or where nothing is covered, and
    /// HWERROR_PLATFORM, come when the table is written: it stays as it is then, and SNP stays UNINIT.</para>
    /// <para>Where the table is built, the machine is stopped: no other thread may use the table. Every entry is written, 16 bytes for
    /// each covered page, so that storage that was reserved sparsely becomes real. Ends whatever RMPOPT verified.</para>
    /// </remarks>
    public FirmwareStatus SnpInitEx(in PlatformParameters parameters)
    {
        if (parameters.HasReservedBits) return FirmwareStatus.InvalidParam;
        if (_platform.IsSnpInitialized || _platform.Sev != SevPlatformState.Uninit) return FirmwareStatus.InvalidPlatformState;
        MakeContext();
        FirmwareStatus status = Initialize(parameters);
        if (status != FirmwareStatus.Success)
        {
            Context = FirmwareContextState.Cleared;
            return status;
        }

        _asids.Reset(AllCoreComplexes);
        _platform = _platform with { IsSnpInitialized = true, IsRmpInitialized = true, Guests = 0, FlushedCoreComplexes = 0 };
        return FirmwareStatus.Success;
    }

    private FirmwareStatus Initialize(in PlatformParameters parameters)
    {
        if (!parameters.InitRmp && (!_platform.IsRmpInitialized || _machine.IsTcbChanged)) return FirmwareStatus.RmpInitRequired;
        if (!parameters.InitRmp && parameters.HasList) return FirmwareStatus.InvalidParam;
        FirmwareStatus status = TestMachine(parameters.InitRmp);
        if (status == FirmwareStatus.Success && parameters.InitRmp) status = Build(parameters);
        return status == FirmwareStatus.Success ? EnforceByIommus(parameters.InitRmp) : status;
    }

    /// <summary>Makes firmware's own context if there is none.</summary>
    /// <remarks>Source: AMD SEV firmware, sev_plat.c, sev_init, init_perm.</remarks>
    private void MakeContext()
    {
        if (Context == FirmwareContextState.Lost)
        {
            _asids.Reset(0);
            _platform = _platform with { Guests = 0 };
        }

        if (Context != FirmwareContextState.Initialized) _asids.MakeDirty(AllCoreComplexes);
        Context = FirmwareContextState.Initialized;
    }

    /// <summary>Legacy INIT: only after SNP, never before it.</summary>
    /// <returns>SUCCESS, or INVALID_PLATFORM_STATE: legacy SEV is not UNINIT, or SNP_EN is set and the RMP is not initialised.</returns>
    public FirmwareStatus SevInit()
    {
        if (_platform.Sev != SevPlatformState.Uninit || (_platform.IsSnpEnabled && !_platform.IsRmpInitialized))
        {
            return FirmwareStatus.InvalidPlatformState;
        }

        MakeContext();
        _platform = _platform with { Sev = SevPlatformState.Init };
        return FirmwareStatus.Success;
    }

    /// <summary>The registers of all cores.</summary>
    private FirmwareStatus TestMachine(bool builds)
    {
        bool isReady = _platform.IsSnpEnabled && _machine.IsMemoryEncryptionEnabled && _machine.IsVmplEnabled && _machine.IsMfdmEnabled
            && _machine.IsSmmLocked;
        if (!isReady || !_machine.AreRmpBoundsEqual) return FirmwareStatus.InvalidConfig;
        FirmwareStatus status = TestBounds();
        if (status != FirmwareStatus.Success) return status;
        return builds && !_machine.IsHostSaveAreaClear ? FirmwareStatus.InvalidConfig : FirmwareStatus.Success;
    }

    private FirmwareStatus TestBounds()
    {
        if (_own.Length == 0) return FirmwareStatus.InvalidConfig;
        if (Table.Geometry.IsSegmented)
        {
            // Each segment's RMP like a contiguous one, but for the length (inferred).
            foreach (PhysicalRange own in _own)
            {
                FirmwareStatus status = TestBounds(own.Start.Value, own.End - 1, mustBeWhole: false);
                if (status != FirmwareStatus.Success) return status;
            }

            return FirmwareStatus.Success;
        }

        PhysicalRange table = _own[0];
        ulong first = _machine.RmpBase ?? table.Start.Value;
        ulong last = _machine.RmpEnd ?? (table.End - 1);
        FirmwareStatus bounds = TestBounds(first, last, mustBeWhole: true);
        if (bounds != FirmwareStatus.Success) return bounds;
        // another table than this
        return first == table.Start.Value && last == table.End - 1 ? FirmwareStatus.Success : FirmwareStatus.InvalidConfig;
    }

    /// <summary>RMP_BASE and RMP_END as they are in the registers.</summary>
    /// <remarks>Source: AMD SEV firmware, sev_rmp.c, get_rmp_bounds. A C-bit in one of them makes the length absurd, so that the address is
    /// refused before the bit is.</remarks>
    private FirmwareStatus TestBounds(ulong first, ulong last, bool mustBeWhole)
    {
        FirmwareStatus status = CheckPlace(Strip(first), last - first);
        if (status != FirmwareStatus.Success) return status;
        const ulong Unit = FirmwareRules.Alignment - 1;
        if ((first & Unit) != 0 || (mustBeWhole && ((last - first + 1) & Unit) != 0)) return FirmwareStatus.InvalidConfig;
        if (Strip(first) != first) return FirmwareStatus.Unsupported;
        return IsInDram(first, last - first + 1) ? FirmwareStatus.Success : FirmwareStatus.InvalidConfig;
    }

    /// <summary>Steps 1 to 6: the table but for what IOMMUs write.</summary>
    private FirmwareStatus Build(in PlatformParameters parameters)
    {
        InitPlan plan = MakePlan(parameters);
        foreach (PhysicalRange own in _own)
        {
            if (!plan.IsAll(own, FirmwareRow.Hypervisor)) return FirmwareStatus.RmpInitializationFailed;
            plan.SetContent(own.Start.Value, own.End, FirmwareRow.Firmware);
        }

        foreach (InitPlan.Piece piece in plan.Pieces)
        {
            FirmwareTransitions.Fill(Table, piece.Range, piece.Low);
        }

        FirmwareTransitions.Reset(Table.Protocol);
        foreach (PhysicalRange own in _own)
        {
            FirmwareTransitions.Count(Table, own);
        }

        return FirmwareStatus.Success;
    }

    /// <summary>Steps 1 to 4: what the machine gives.</summary>
    private InitPlan MakePlan(in PlatformParameters parameters)
    {
        InitPlan plan = InitPlan.Create(Table.Geometry, _machine.Dram.IsEmpty ? FirmwareRow.Hypervisor : FirmwareRow.HvFixed);
        foreach (PhysicalRange range in _machine.Dram)
        {
            plan.SetContent(range, FirmwareRow.Hypervisor);
        }

        // Errors of the list do not count: neither in its address nor in its content.
        if (parameters.HasList && CheckPlace(Strip(parameters.ListAddress), PageSize.Size4K.Bytes()) == FirmwareStatus.Success)
        {
            foreach (PhysicalRange range in Listed(parameters, PageOffset, out _))
            {
                plan.SetContentExcept(range, FirmwareRow.HvFixed, _own);
            }
        }

        plan.SetContent(_machine.Tseg, FirmwareRow.HvFixed);
        if (_machine.IsAsegEnabled) plan.SetContent(AsegStart, AsegEnd, FirmwareRow.HvFixed);
        plan.SetContent(HyperTransportStart, HyperTransportEnd, FirmwareRow.HvFixed);
        return plan;
    }

    /// <summary>Step 7: the IOMMUs check accesses by the RMP from now on, and their buffers become IOMMU pages.</summary>
    /// <remarks>Source: AMD SEV firmware, sev_hal_iommu.c. First and last page of a buffer are looked up, nothing else.</remarks>
    private FirmwareStatus EnforceByIommus(bool builds)
    {
        if (builds) _platform = _platform with { IsIommuEnforced = true };
        if (!_machine.AreIommusReady) return FirmwareStatus.HardwareErrorPlatform;
        if (!builds) return FirmwareStatus.Success;
        _iommuPages.Clear();
        foreach (PhysicalRange buffer in _machine.IommuBuffers)
        {
            if (buffer.Length == 0 || !MayHoldIommuBuffer(buffer.Start.Value) || !MayHoldIommuBuffer(buffer.End - 1))
            {
                return FirmwareStatus.InvalidConfig;
            }

            FirmwareTransitions.FillIommuPages(Table, buffer);
            _iommuPages.Add(buffer);
        }

        return FirmwareStatus.Success;
    }

    /// <summary>Whether a page has an entry and is not the RMP's own.</summary>
    private bool MayHoldIommuBuffer(ulong address) => Find(address, out FirmwarePage page) == FirmwareStatus.Success && page.IsCovered;
}
