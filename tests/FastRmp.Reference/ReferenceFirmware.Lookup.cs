namespace FastRmp.Reference;

/// <content>What all commands on pages have in common (rmp 13.2).</content>
public sealed partial class ReferenceFirmware
{
    private const ReferenceFirmwareStatus Success = ReferenceFirmwareStatus.Success;

    // The C-bit is not part of an address.
    private ulong Plain(ulong address) => address & ~(1UL << Platform.EncryptionBit);

    private static bool IsPage(ulong address) => address % PageBytes == 0;

    // An address in the RMP is refused; one without entry is a page in state Default.
    private Found LookUp(ulong address)
    {
        ulong page = Plain(address);
        if (IsImplied(page)) return Implied(page);
        if (Rmp.Geometry.IsOwn(page)) return new Found(page, ReferencePageState.Invalid, null, IsOwn: true);
        if (!Rmp.Geometry.IsCovered(page)) return new Found(page, ReferencePageState.Default, null, IsOwn: false);

        // The page's own entry, also inside a 2 MiB page (rmp 13.2).
        ReferenceEntry entry = Rmp.Live(page);
        return new Found(page, ReferencePageStates.Decode(entry), entry, IsOwn: false);
    }

    /// <summary>The state that firmware sees in a page: by the page's own entry.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <returns>The state; Invalid of the RMP's own pages.</returns>
    public ReferencePageState StateOf(ulong address) => LookUp(address).State;

    // validate_address_range, for whatever firmware maps or copies (rmp 13.2).
    private ReferenceFirmwareStatus AddressCheck(ulong first, ulong bytes)
    {
        if (IsImplied(first)) return Success;
        ulong last = first + bytes - 1;
        if (IsForbidden(first, last)) return ReferenceFirmwareStatus.InvalidAddress;
        if (Rmp.Geometry.OwnsAnyOf(first, last)) return ReferenceFirmwareStatus.InvalidAddress;
        return IsInOneMemory(first, last) ? Success : ReferenceFirmwareStatus.InvalidConfig;
    }

    private bool IsForbidden(ulong first, ulong last)
    {
        if (first >> Platform.AddressBits != 0 || last >> Platform.AddressBits != 0) return true;
        foreach (ReferenceRange range in Platform.Forbidden)
        {
            if (first <= range.Last && last >= range.First) return true;
        }

        return false;
    }

    private bool IsInOneMemory(ulong first, ulong last)
    {
        if (Platform.Dram.Count == 0) return true;
        foreach (ReferenceRange dram in Platform.Dram)
        {
            if (first >= dram.First && last <= dram.Last) return true;
        }

        return false;
    }

    // The context is mapped just before the guest's state is tested.
    private ReferenceFirmwareStatus Map(Found context) => AddressCheck(context.Page, PageBytes);

    private static ulong BytesOf(bool large) => large ? RegionBytes : PageBytes;

    private readonly record struct Found(ulong Page, ReferencePageState State, ReferenceEntry? Entry, bool IsOwn)
    {
        public bool Is(ReferencePageState state) => State == state;

        // The size by the entry's own bit. A page without entry has none, and any is right (rmp 13.4).
        public bool HasSize(bool large) => Entry is null || Entry.Large == large;
    }
}
