namespace FastRmp.Firmware;

/// <content>SNP_SHUTDOWN, SNP_SHUTDOWN_EX, and legacy SHUTDOWN.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_SHUTDOWN (0x82): SNP becomes UNINIT; the table stays, and the IOMMUs keep enforcing.</summary>
    /// <returns>SUCCESS (without effect if SNP is UNINIT already), INVALID_PLATFORM_STATE (legacy SEV is not UNINIT) or DFFLUSH_REQUIRED
    /// (an ASID is not clean).</returns>
    public FirmwareStatus SnpShutdown() => Shutdown(default);

    /// <summary>SNP_SHUTDOWN_EX (0x86): as <see cref="SnpShutdown"/>; with IOMMU shutdown the IOMMUs' pages become Reclaim and the table
    /// has to be built before it can be used again, with x86 shutdown SNP_EN is cleared.</summary>
    /// <param name="parameters">The command's parameters; not looked at if SNP is UNINIT already.</param>
    /// <returns>As <see cref="SnpShutdown"/>; INVALID_PARAM, or SHUTDOWN_INCOMPLETE if SNP_EN could not be cleared on every core:
    /// everything else is done then.</returns>
    /// <remarks>Guest contexts are not looked for: that an ASID is in use is what refuses a shutdown. The pages of IOMMUs are those that
    /// the last initialisation recorded; their entries are written anew.</remarks>
    public FirmwareStatus SnpShutdownEx(in PlatformParameters parameters) => Shutdown(parameters);

    /// <summary>Legacy SHUTDOWN.</summary>
    /// <returns>SUCCESS.</returns>
    public FirmwareStatus SevShutdown()
    {
        _platform = _platform with { Sev = SevPlatformState.Uninit };
        return FirmwareStatus.Success;
    }

    private FirmwareStatus Shutdown(in PlatformParameters parameters)
    {
        if (_platform.Sev != SevPlatformState.Uninit) return FirmwareStatus.InvalidPlatformState;
        if (!IsInit) return FirmwareStatus.Success;
        if (!_asids.AreAllClean(AllCoreComplexes)) return FirmwareStatus.DfFlushRequired;
        if (parameters.Length is not (null or PlatformParameters.ShutdownExLength) || parameters.HasReservedBits)
        {
            return FirmwareStatus.InvalidParam;
        }

        if (parameters.X86Shutdown && (!parameters.IommuShutdown || !_machine.SupportsX86Shutdown)) return FirmwareStatus.InvalidParam;
        _platform = _platform with { IsSnpInitialized = false };
        if (!parameters.IommuShutdown)
        {
            Context = FirmwareContextState.Cleared;
            return FirmwareStatus.Success;
        }

        _platform = _platform with { IsRmpInitialized = false, IsIommuEnforced = false };
        foreach (PhysicalRange range in _iommuPages)
        {
            FirmwareTransitions.ReclaimIommuPages(Table, range);
        }

        _iommuPages.Clear();
        if (parameters.X86Shutdown)
        {
            if (_machine.FailsX86Shutdown) return FirmwareStatus.ShutdownIncomplete; // firmware's own context stays
            _platform = _platform with { IsSnpEnabled = false };
        }

        Context = FirmwareContextState.Lost;
        return FirmwareStatus.Success;
    }
}
