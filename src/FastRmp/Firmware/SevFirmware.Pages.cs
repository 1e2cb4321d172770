using System.Collections.Immutable;

namespace FastRmp.Firmware;

/// <content>How commands find, check and write pages.</content>
public sealed partial class SevFirmware<TGeometry>
{
    private const ulong PageOffset = (1UL << 12) - 1;
    private const ulong LargePageOffset = (1UL << 21) - 1;
    private const ulong AsegStart = 0xA_0000;
    private const ulong AsegEnd = 0xC_0000;

    /// <summary>The address that firmware goes on with.</summary>
    private ulong Strip(ulong address) => address & ~(1UL << _machine.EncryptionBit);

    /// <summary>Looks a page up: its own entry, whatever the region's base entry says.</summary>
    /// <param name="address">The address in the command.</param>
    /// <param name="page">The page.</param>
    /// <returns>SUCCESS, or INVALID_PARAM for a page of the RMP itself.</returns>
    /// <remarks>Source: AMD SEV firmware, sev_rmp.c, rmp_get_addr_entry_state.</remarks>
    private FirmwareStatus Find(ulong address, out FirmwarePage page)
    {
        ulong stripped = Strip(address);
        page = new FirmwarePage(stripped, 0, IsCovered: false, default);
        if (IsOwn(stripped, 1)) return FirmwareStatus.InvalidParam;
        if (PhysicalAddress.TryCreate(stripped, out PhysicalAddress spa)
            && FirmwareTransitions.TryRead(Table, spa, out nuint index, out RmpEntry entry))
        {
            page = new FirmwarePage(stripped, index, IsCovered: true, entry);
        }

        return FirmwareStatus.Success;
    }

    /// <summary>Whether firmware may touch memory: the check when content is mapped or copied.</summary>
    /// <param name="address">First byte, without the C-bit.</param>
    /// <param name="bytes">How many.</param>
    /// <returns>As <see cref="CheckPlace"/>; INVALID_ADDRESS for pages of the RMP, too.</returns>
    private FirmwareStatus CheckAddress(ulong address, ulong bytes)
    {
        FirmwareStatus status = CheckPlace(address, bytes);
        return IsOwn(address, bytes) ? FirmwareStatus.InvalidAddress : status;
    }

    /// <summary>As <see cref="CheckAddress"/>, while firmware may touch the RMP.</summary>
    /// <returns>SUCCESS; INVALID_ADDRESS above the physical width, or if it reaches into ASEG, TSEG or a protected region; INVALID_CONFIG
    /// if it does not lie in one range of DRAM.</returns>
    /// <remarks>Source: AMD SEV firmware, x86_copy.c, validate_address_range. The highest 12 GiB below the width belong to
    /// HyperTransport.</remarks>
    private FirmwareStatus CheckPlace(ulong address, ulong bytes)
    {
        const ulong HyperTransportBytes = 0x3_0000_0000;
        ulong highest = (1UL << _machine.PhysicalAddressBits) - HyperTransportBytes - 1;
        ulong last = address + bytes - 1;
        if (last < address || last > highest || Overlap(address, bytes, AsegStart, AsegEnd)) return FirmwareStatus.InvalidAddress;
        if (_machine.ChecksTseg && Overlap(address, bytes, _machine.Tseg)) return FirmwareStatus.InvalidAddress;
        foreach (PhysicalRange range in _machine.Protected)
        {
            if (Overlap(address, bytes, range)) return FirmwareStatus.InvalidAddress;
        }

        return IsInDram(address, bytes) ? FirmwareStatus.Success : FirmwareStatus.InvalidConfig;
    }

    private bool IsInDram(ulong address, ulong bytes)
    {
        ImmutableArray<PhysicalRange> dram = _machine.Dram;
        foreach (PhysicalRange range in dram)
        {
            if (address >= range.Start.Value && bytes <= range.Length && address - range.Start.Value <= range.Length - bytes) return true;
        }

        return dram.IsEmpty;
    }

    /// <summary>Whether the RMP itself has a page in a range.</summary>
    private bool IsOwn(ulong address, ulong bytes)
    {
        foreach (PhysicalRange own in _own)
        {
            if (Overlap(address, bytes, own)) return true;
        }

        return false;
    }

    private static bool Overlap(ulong address, ulong bytes, PhysicalRange range) => Overlap(address, bytes, range.Start.Value, range.End);

    /// <summary>Whether bytes lie in a range; without a sum, which could wrap.</summary>
    private static bool Overlap(ulong address, ulong bytes, ulong start, ulong end) =>
        address < end && (address >= start || start - address < bytes);

    /// <summary>Looks a guest context page up.</summary>
    /// <returns>SUCCESS; INVALID_PARAM for a page of the RMP; INVALID_GUEST.</returns>
    private FirmwareStatus FindGuest(ulong address, out FirmwarePage page)
    {
        FirmwareStatus status = Find(address, out page);
        if (status != FirmwareStatus.Success) return status;
        return page.State == PageState.Context ? FirmwareStatus.Success : FirmwareStatus.InvalidGuest;
    }

    /// <summary>Maps a guest context page, just before the guest's state is tested.</summary>
    private FirmwareStatus Map(FirmwarePage page, out GuestContext guest)
    {
        guest = default;
        FirmwareStatus status = CheckAddress(page.Address, PageSize.Size4K.Bytes());
        if (status == FirmwareStatus.Success) guest = _contents.Context(page.Address);
        return status;
    }

    /// <summary>Maps a guest context page for a command that wants a guest with an ASID, under launch or running.</summary>
    private FirmwareStatus MapBound(FirmwarePage page, out GuestContext guest)
    {
        FirmwareStatus status = Map(page, out guest);
        if (status != FirmwareStatus.Success) return status;
        if (guest.State is not (GuestState.Launch or GuestState.Running)) return FirmwareStatus.InvalidGuestState;
        return guest.IsBound ? FirmwareStatus.Success : FirmwareStatus.Inactive;
    }

    /// <summary>Whether firmware may touch the content of both pages, the source first.</summary>
    private FirmwareStatus CheckBoth(FirmwarePage source, FirmwarePage destination, ulong bytes)
    {
        FirmwareStatus status = CheckAddress(source.Address, bytes);
        return status == FirmwareStatus.Success ? CheckAddress(destination.Address, bytes) : status;
    }

    /// <summary>Whether a parameter is a size of an RMP page: a bit of the command buffer.</summary>
    private static bool IsRmpSize(PageSize size) => size is PageSize.Size4K or PageSize.Size2M;

    private static bool IsPage(ulong address) => (address & PageOffset) == 0;

    private void Write(FirmwarePage page, RmpEntry next) => FirmwareTransitions.Rewrite(Table.Protocol, page.Index, next);

    /// <summary>Writes single fields of the low quadword; all others stay, and the high quadword.</summary>
    private void Write(FirmwarePage page, ulong cleared, ulong set) =>
        Write(page, new RmpEntry((page.Entry.Low & ~cleared) | set, page.Entry.High));

    /// <summary>A guest's entry open to instructions again.</summary>
    private static RmpEntry GivenBack(RmpEntry entry) => entry with { Immutable = false, Lock = false };
}
