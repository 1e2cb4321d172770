using System.Globalization;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <summary>The lines that show the state of firmware, of a guest, of an ASID.</summary>
internal static class FirmwareText
{
    /// <summary>The line that a script asks for.</summary>
    internal static string Of<TGeometry>(SevFirmware<TGeometry> firmware, in FirmwareRequest request)
        where TGeometry : struct, IRmpGeometry => request.Command switch
        {
            FirmwareCommand.GuestStatus => OfGuest(firmware, request.Page),
            FirmwareCommand.AsidStatus => OfAsid(firmware, request.Asid),
            _ => OfPlatform(firmware.Platform),
        };

    private static string OfPlatform(in PlatformState state) => string.Create(
        CultureInfo.InvariantCulture,
        $"snp={Upper(state.IsSnpInitialized)} sev={Upper(state.Sev != SevPlatformState.Uninit)} rmp={Bit(state.IsRmpInitialized)} iommu={Bit(state.IsIommuEnforced)} guests={state.Guests} snp_en={Bit(state.IsSnpEnabled)}");

    private static string OfGuest<TGeometry>(SevFirmware<TGeometry> firmware, PhysicalAddress page)
        where TGeometry : struct, IRmpGeometry
    {
        bool isContext = page.IsAligned(PageSize.Size4K) && firmware.Table.TryReadRaw(page, out RmpEntry entry)
            && entry.State == PageState.Context;
        if (!isContext) return "error: INVALID_GUEST";
        _ = firmware.TryGetGuestContext(page, out GuestContext guest);
        string state = guest.State switch
        {
            GuestState.Init => "INIT",
            GuestState.Launch => "LAUNCH",
            _ => "RUNNING",
        };
        bool isActive = (guest.Flags & GuestFlags.Active) != 0;
        bool isPending = (guest.Flags & GuestFlags.ActivationPending) != 0;
        bool isEs = (guest.Flags & GuestFlags.EncryptedState) != 0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{state} asid={guest.Asid} active={Bit(isActive)} pending={Bit(isPending)} es={Bit(isEs)} policy=0x{guest.Policy.Value:x} iv={guest.IvCount}");
    }

    private static string OfAsid<TGeometry>(SevFirmware<TGeometry> firmware, uint asid)
        where TGeometry : struct, IRmpGeometry
    {
        if (asid == 0 || asid > firmware.Table.Processor.MaxAsid) return "error: INVALID_ASID";
        AsidState state = firmware.AsidStateOf(asid);
        string text = string.Empty;
        if (state.Clean != 0) text += "+clean";
        if (state.Allocated != 0) text += "+allocated";
        if (state.Used != 0) text += "+used";
        if (state.Dirty != 0) text += "+dirty";
        return text.Length == 0 ? "none" : text[1..];
    }

    private static string Upper(bool isInit) => isInit ? "INIT" : "UNINIT";

    private static int Bit(bool value) => value ? 1 : 0;
}
