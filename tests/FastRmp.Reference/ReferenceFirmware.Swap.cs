using System;

namespace FastRmp.Reference;

/// <content>SWAP_OUT and SWAP_IN (rmp 13.4).</content>
public sealed partial class ReferenceFirmware
{
    private const ulong EntryBytes = 64;

    // The page number of a page of metadata, which has no guest physical address.
    private const ulong NoGpa = (1UL << 52) - 1;

    /// <summary>The number of initialisation vectors of a guest's sealing key.</summary>
    public const ulong VectorLimit = ulong.MaxValue - 1;

    /// <summary>SNP_SWAP_OUT: the page's content is sealed into the destination.</summary>
    /// <param name="context">The guest.</param>
    /// <param name="command">The other fields.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus SwapOut(ulong context, ReferenceSwap command)
    {
        ReferenceFirmwareStatus status = Prepare(context, command, out Pages pages);
        if (status != Success) return status;

        // What the published code sees in a source without entry is undefined; here it has any size and is refused for its state.
        if (!pages.Source.HasSize(command.Large)) return ReferenceFirmwareStatus.InvalidPageSize;
        if (!pages.Destination.HasSize(command.Large)) return ReferenceFirmwareStatus.InvalidPageSize;
        status = MapForUse(pages.Owner, out ReferenceGuest guest);
        if (status != Success) return status;
        ReferencePageState state = pages.Source.State;
        bool guestPage = state is ReferencePageState.PreGuest or ReferencePageState.PreSwap;
        bool metadata = command.Type == ReferenceSwap.Metadata;
        bool suits = command.Type switch
        {
            ReferenceSwap.Data or ReferenceSwap.Vmsa => guestPage,
            ReferenceSwap.Metadata => state == ReferencePageState.Metadata,
            _ => false,
        };
        bool goal = pages.Destination.State is ReferencePageState.Firmware or ReferencePageState.Default;
        if (!suits || !goal) return ReferenceFirmwareStatus.InvalidPageState;
        bool owned = metadata ? OwnerOf(pages.Source) == pages.Owner.Page : pages.Source.Entry!.Asid == guest.Asid;
        if (!owned) return ReferenceFirmwareStatus.InvalidPageOwner;
        if (guest.Vectors == VectorLimit) return ReferenceFirmwareStatus.AeadOverflow;

        // The vector is used up also if the address check then refuses to write (taught by AMD's firmware).
        ulong vector = guest.Vectors;
        guest = guest with { Vectors = vector + 1 };
        SetGuest(pages.Owner.Page, guest);
        status = AddressCheck(pages.Source.Page, BytesOf(command.Large));
        if (status == Success) status = AddressCheck(pages.Destination.Page, BytesOf(command.Large));
        if (status != Success) return status;

        // The entry has the type of the command, whatever VMSA says in the RMP, and of a page of metadata no more than that
        // (taught by AMD's firmware).
        ReferenceEntry entry = pages.Source.Entry!;
        ReferenceMetadata sealedPage = new()
        {
            Software = command.Software,
            Vector = vector,
            IsValid = true,
            Validated = entry.Validated,
            Vmsa = command.Type == ReferenceSwap.Vmsa,
            IsMetadata = metadata,
            Large = command.Large,
            GpaPage = metadata ? NoGpa : entry.Gpa / PageBytes,
            High = metadata ? 0 : entry.ToHigh(),
        };
        if (metadata) MakeFirmware(entry);
        else entry.Validated = false;
        if (command.IsRoot)
        {
            SetGuest(pages.Owner.Page, guest with { Root = sealedPage });
            return Success;
        }

        // Where the metadata entry may not be written this shows only now, with the source changed (taught by AMD's firmware).
        status = AddressCheck(Plain(command.Entry), EntryBytes);
        if (status == Success) SetMetadata(Plain(command.Entry), sealedPage);
        return status;
    }

    /// <summary>SNP_SWAP_IN: the page is what it was when it was swapped out.</summary>
    /// <param name="context">The guest.</param>
    /// <param name="command">The other fields.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus SwapIn(ulong context, ReferenceSwap command)
    {
        ReferenceFirmwareStatus status = Prepare(context, command, out Pages pages);
        if (status == Success) status = MapForUse(pages.Owner, out _);

        // The metadata entry is read from memory (taught by AMD's firmware).
        if (status == Success && !command.IsRoot) status = AddressCheck(Plain(command.Entry), EntryBytes);
        if (status != Success) return status;
        ReferenceGuest guest = GuestAt(pages.Owner.Page);
        ReferenceMetadata sealedPage = command.IsRoot ? guest.Root : MetadataAt(Plain(command.Entry));
        bool ofType = command.Type switch
        {
            ReferenceSwap.Data => !sealedPage.IsMetadata && !sealedPage.Vmsa,
            ReferenceSwap.Metadata => sealedPage.IsMetadata && !sealedPage.Vmsa,
            ReferenceSwap.Vmsa => !sealedPage.IsMetadata && sealedPage.Vmsa,
            _ => false,
        };
        if (!sealedPage.IsValid || !ofType) return ReferenceFirmwareStatus.InvalidMdataEntry;
        bool sized = pages.Source.HasSize(command.Large) && pages.Destination.HasSize(command.Large) && sealedPage.Large == command.Large;
        if (!sized) return ReferenceFirmwareStatus.InvalidPageSize;
        status = command.Type switch
        {
            ReferenceSwap.Data => DataTest(pages, command, guest),
            ReferenceSwap.Metadata => MetadataTest(pages, command),
            _ => SaveAreaTest(pages, command, guest),
        };
        if (status != Success) return status;
        status = AddressCheck(pages.Source.Page, BytesOf(command.Large));
        if (status == Success) status = AddressCheck(pages.Destination.Page, BytesOf(command.Large));
        if (status != Success) return status;

        ReferenceEntry entry = pages.Destination.Entry!;
        if (command.Type == ReferenceSwap.Metadata) MakeMetadata(entry, pages.Owner.Page);
        else Restore(entry, sealedPage);
        Invalidate(pages, command, guest);
        return Success;
    }

    private static ReferenceFirmwareStatus DataTest(Pages pages, ReferenceSwap command, ReferenceGuest guest)
    {
        // The addresses first, as they stand in the command: with the C-bit in one of them they are not equal (taught by AMD's firmware).
        if (command.IsInPlace && command.Source != command.Destination) return ReferenceFirmwareStatus.InvalidAddress;
        if (!pages.Destination.Is(ReferencePageState.PreGuest)) return ReferenceFirmwareStatus.InvalidPageState;
        return pages.Destination.Entry!.Asid == guest.Asid ? Success : ReferenceFirmwareStatus.InvalidPageOwner;
    }

    private static ReferenceFirmwareStatus MetadataTest(Pages pages, ReferenceSwap command)
    {
        if (command.IsInPlace) return ReferenceFirmwareStatus.InvalidParam;
        return pages.Destination.Is(ReferencePageState.Firmware) ? Success : ReferenceFirmwareStatus.InvalidPageState;
    }

    private static ReferenceFirmwareStatus SaveAreaTest(Pages pages, ReferenceSwap command, ReferenceGuest guest)
    {
        if (command.IsInPlace) return ReferenceFirmwareStatus.InvalidParam;
        if (command.Large) return ReferenceFirmwareStatus.InvalidPageSize;
        if (!pages.Destination.Is(ReferencePageState.PreGuest)) return ReferenceFirmwareStatus.InvalidPageState;
        return pages.Destination.Entry!.Asid == guest.Asid ? Success : ReferenceFirmwareStatus.InvalidPageOwner;
    }

    private static void Restore(ReferenceEntry entry, ReferenceMetadata page)
    {
        entry.Validated = page.Validated;
        entry.Vmsa = page.Vmsa;
        entry.Gpa = page.GpaPage * PageBytes & ReferenceEntry.GpaField;
        entry.Vmpl0 = (byte)page.High;
        entry.Vmpl1 = (byte)(page.High >> 8);
        entry.Vmpl2 = (byte)(page.High >> 16);
        entry.Vmpl3 = (byte)(page.High >> 24);
        entry.HighRest = (uint)(page.High >> 32);
    }

    private void Invalidate(Pages pages, ReferenceSwap command, ReferenceGuest guest)
    {
        if (command.IsRoot) SetGuest(pages.Owner.Page, guest with { Root = guest.Root with { IsValid = false } });
        else SetMetadata(Plain(command.Entry), MetadataAt(Plain(command.Entry)) with { IsValid = false });
    }

    // What both begin with: fields, platform, look-ups, the context and the page of the metadata entry.
    private ReferenceFirmwareStatus Prepare(ulong context, ReferenceSwap command, out Pages pages)
    {
        ArgumentNullException.ThrowIfNull(command);
        pages = default;
        bool whole = IsPage(context) && IsPage(command.Source) && IsPage(command.Destination);
        if (!whole || command.HasReserved) return ReferenceFirmwareStatus.InvalidParam;
        if (!IsInitialized) return ReferenceFirmwareStatus.InvalidPlatformState;
        pages = new Pages(LookUp(context), LookUp(command.Source), LookUp(command.Destination));
        if (pages.Owner.IsOwn || pages.Source.IsOwn || pages.Destination.IsOwn) return ReferenceFirmwareStatus.InvalidParam;
        if (!pages.Owner.Is(ReferencePageState.Context)) return ReferenceFirmwareStatus.InvalidGuest;
        if (command.IsRoot) return Success;
        if (command.Entry % EntryBytes != 0) return ReferenceFirmwareStatus.InvalidParam;
        bool apart = !Overlaps(pages.Source, command) && !Overlaps(pages.Destination, command);
        if (!apart) return ReferenceFirmwareStatus.InvalidParam;
        Found place = LookUp(command.Entry);
        if (place.IsOwn) return ReferenceFirmwareStatus.InvalidParam;
        if (!place.Is(ReferencePageState.Metadata)) return ReferenceFirmwareStatus.InvalidPageState;
        return OwnerOf(place) == pages.Owner.Page ? Success : ReferenceFirmwareStatus.InvalidPageOwner;
    }

    private bool Overlaps(Found page, ReferenceSwap command)
    {
        ulong entry = Plain(command.Entry);
        return entry + EntryBytes > page.Page && entry < page.Page + BytesOf(command.Large);
    }

    private readonly record struct Pages(Found Owner, Found Source, Found Destination);
}
