namespace FastRmp.Firmware;

/// <content>Pages that other commands write to.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>SNP_PLATFORM_STATUS (0x83), its test of the page that it writes to.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <returns>SUCCESS; while SNP is INIT INVALID_PARAM for a page of the RMP, and INVALID_PAGE_STATE unless the page is Firmware or
    /// Default.</returns>
    public FirmwareStatus PlatformStatus(ulong address) => IsInit ? TestWritten(address) : FirmwareStatus.Success;

    /// <summary>SNP_FEATURE_INFO (0xCE), its test of the page that it writes to.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <returns>As <see cref="PlatformStatus"/>.</returns>
    public FirmwareStatus FeatureInfo(ulong address) => PlatformStatus(address);

    /// <summary>A legacy command writes to a buffer: the test of the buffer's pages before, and what becomes of them after.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="length">Bytes; 0 means no buffer.</param>
    /// <returns>SUCCESS; while SNP is INIT and the RMP initialised INVALID_ADDRESS or INVALID_CONFIG of the address check, then the status
    /// plus 64 unless every page is Firmware or Default.</returns>
    /// <remarks>Source: AMD SEV firmware, sev_dispatch.c. Every page that the buffer reaches is tested, one of 2 MiB once; the page in
    /// which the buffer begins becomes Reclaim: Immutable and Lock are cleared.</remarks>
    public FirmwareStatus WriteLegacyBuffer(ulong address, uint length)
    {
        if (!IsInit || !_platform.IsRmpInitialized || length == 0) return FirmwareStatus.Success;
        FirmwareStatus status = CheckAddress(Strip(address), length);
        if (status != FirmwareStatus.Success) return status;
        status = TestWritten(address, length);
        if (status != FirmwareStatus.Success) return (FirmwareStatus)((ushort)status + FirmwareStatusExtensions.BufferOffset);
        return ReclaimRingPage(address);
    }

    /// <summary>Firmware gives a page of a ring buffer back: Firmware → Reclaim.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <returns>SUCCESS, without effect for a page without an entry; INVALID_PARAM for a page of the RMP, INVALID_PAGE_STATE unless the
    /// page is Firmware or Default.</returns>
    public FirmwareStatus ReclaimRingPage(ulong address)
    {
        FirmwareStatus status = TestWritten(address, out FirmwarePage page);
        if (status == FirmwareStatus.Success && page.IsCovered) Write(page, RmpEntry.ImmutableMask | RmpEntry.LockMask, set: 0);
        return status;
    }

    /// <summary>A legacy command writes to memory that its buffer names: every page has to be Firmware or Default while SNP is
    /// INIT.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="length">Bytes.</param>
    internal FirmwareStatus TestWrittenData(ulong address, uint length) =>
        IsInit ? TestWritten(address, length) : FirmwareStatus.Success;

    private FirmwareStatus TestWritten(ulong address, uint length)
    {
        ulong end = Strip(address) + length;
        for (ulong at = Strip(address) & ~PageOffset; at < end;)
        {
            FirmwareStatus status = TestWritten(at, out FirmwarePage page);
            if (status != FirmwareStatus.Success) return status;
            at += page.Size.Bytes();
        }

        return FirmwareStatus.Success;
    }

    private FirmwareStatus TestWritten(ulong address) => TestWritten(address, out _);

    private FirmwareStatus TestWritten(ulong address, out FirmwarePage page)
    {
        FirmwareStatus status = Find(address, out page);
        if (status != FirmwareStatus.Success) return status;
        return page.State is PageState.Firmware or PageState.Default ? FirmwareStatus.Success : FirmwareStatus.InvalidPageState;
    }
}
