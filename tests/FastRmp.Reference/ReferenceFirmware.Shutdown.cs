namespace FastRmp.Reference;

/// <content>SNP_SHUTDOWN, SNP_SHUTDOWN_EX and the legacy platform (rmp 12.1, 12.4).</content>
public sealed partial class ReferenceFirmware
{
    /// <summary>SNP_SHUTDOWN: the table stays, and an INIT may keep it.</summary>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus Shutdown()
    {
        ReferenceFirmwareStatus status = ShutdownTest(out bool isOver);
        if (status != Success || isOver) return status;
        IsInitialized = false;
        Context = ReferenceContextState.Cleared;
        return Success;
    }

    /// <summary>SNP_SHUTDOWN_EX.</summary>
    /// <param name="iommu">iommu_snp_shutdown: the IOMMUs enforce no more, and their pages become Reclaim.</param>
    /// <param name="x86">x86_snp_shutdown: SNP_EN is cleared.</param>
    /// <param name="length">The length field.</param>
    /// <param name="hasReserved">Whether a reserved field is not 0.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus Shutdown(bool iommu, bool x86, uint length = 8, bool hasReserved = false)
    {
        ReferenceFirmwareStatus status = ShutdownTest(out bool isOver);
        if (status != Success || isOver) return status;
        if (length != 8 || hasReserved) return ReferenceFirmwareStatus.InvalidParam;
        if (x86 && (!iommu || !Platform.SupportsX86Shutdown)) return ReferenceFirmwareStatus.InvalidParam;
        IsInitialized = false;
        if (iommu)
        {
            IsRmpInitialized = false;
            IsIommuEnforced = false;
            foreach (ReferenceRange range in _recorded)
            {
                for (ulong page = range.First; page <= range.Last; page += PageBytes) WriteReclaim(Rmp.Live(page));
            }

            _recorded.Clear();
        }

        // Before it has forgotten anything of its own (taught by AMD's firmware).
        if (x86 && Platform.FailsX86Shutdown) return ReferenceFirmwareStatus.ShutdownIncomplete;
        if (x86) Rmp.SetEnabled(false);
        Context = iommu ? ReferenceContextState.Lost : ReferenceContextState.Cleared;
        return Success;
    }

    /// <summary>Legacy INIT: after SNP's, never before it (rmp 12.1).</summary>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus SevInit()
    {
        if (Legacy != ReferenceLegacyState.Uninit) return ReferenceFirmwareStatus.InvalidPlatformState;
        if (Rmp.IsEnabled && !IsRmpInitialized) return ReferenceFirmwareStatus.InvalidPlatformState;
        MakeContext(); // one context for both platforms (taught by AMD's firmware)
        Legacy = ReferenceLegacyState.Init;
        return Success;
    }

    /// <summary>Legacy SHUTDOWN.</summary>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus SevShutdown()
    {
        Legacy = ReferenceLegacyState.Uninit;
        return Success;
    }

    // Tests 1 to 3; where SNP is not initialised nothing else is looked at.
    private ReferenceFirmwareStatus ShutdownTest(out bool isOver)
    {
        isOver = !IsInitialized;
        if (Legacy != ReferenceLegacyState.Uninit) return ReferenceFirmwareStatus.InvalidPlatformState;
        if (isOver) return Success;
        for (uint asid = 1; asid <= Platform.HighestAsid; asid++)
        {
            if (!IsClean(asid)) return ReferenceFirmwareStatus.DfFlushRequired;
        }

        return Success;
    }

    // The entry is written as a whole; a base keeps its count.
    private static void WriteReclaim(ReferenceEntry entry)
    {
        int count = entry.SubpageCount;
        entry.SetRaw(0x1, 0);
        entry.SubpageCount = count;
    }
}
