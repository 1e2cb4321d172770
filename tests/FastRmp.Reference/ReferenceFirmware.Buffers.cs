namespace FastRmp.Reference;

/// <content>Pages that firmware writes its answers to: PLATFORM_STATUS and FEATURE_INFO (rmp 12.1), buffers and rings (rmp 13.6).</content>
public sealed partial class ReferenceFirmware
{
    // What a status has more if the test of a command's buffer gave it (rmp 13.6).
    private const int OfBuffer = 64;

    /// <summary>SNP_PLATFORM_STATUS as far as the RMP goes: whether it may write its answer.</summary>
    /// <param name="address">Where to.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus PlatformStatus(ulong address) => IsInitialized ? WrittenTest(LookUp(address)) : Success;

    /// <summary>SNP_FEATURE_INFO as far as the RMP goes: whether it may write its answer.</summary>
    /// <param name="address">Where to.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus FeatureInfo(ulong address) => IsInitialized ? WrittenTest(LookUp(address)) : Success;

    /// <summary>A legacy command writes to a buffer; the page with the buffer's begin is the host's to reclaim afterwards.</summary>
    /// <param name="address">The first byte.</param>
    /// <param name="length">How many; with none there is no buffer.</param>
    /// <returns>The status, that of a page plus 64.</returns>
    public ReferenceFirmwareStatus WriteLegacyBuffer(ulong address, uint length)
    {
        if (!IsInitialized || !IsRmpInitialized || length == 0) return Success;
        ulong first = Plain(address);
        ReferenceFirmwareStatus status = AddressCheck(first, length);
        if (status != Success) return status;
        ulong page = first - (first % PageBytes);
        while (page <= first + length - 1)
        {
            Found found = LookUp(page);
            status = WrittenTest(found);
            if (status != Success) return (ReferenceFirmwareStatus)((int)status + OfBuffer);
            page += BytesOf(found.Entry is { Large: true }); // a large page is looked at once
        }

        return ReclaimRingPage(address);
    }

    /// <summary>A page that a ring lay in is given back: Firmware to Reclaim.</summary>
    /// <param name="address">Any address in it.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus ReclaimRingPage(ulong address)
    {
        Found found = LookUp(address);
        ReferenceFirmwareStatus status = WrittenTest(found);
        if (status != Success || found.Entry is null) return status;
        found.Entry.Immutable = false;
        found.Entry.Lock = false;
        return Success;
    }

    private static ReferenceFirmwareStatus WrittenTest(Found page)
    {
        if (page.IsOwn) return ReferenceFirmwareStatus.InvalidParam;
        return page.State is ReferencePageState.Firmware or ReferencePageState.Default ? Success : ReferenceFirmwareStatus.InvalidPageState;
    }
}
