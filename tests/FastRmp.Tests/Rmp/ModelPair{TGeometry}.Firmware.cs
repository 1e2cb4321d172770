using System;
using FastRmp.Firmware;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <content>
/// Firmware's commands; each returns the number of its status. Where an operation names no guest, it is made for one that owns the page,
/// runs, and has no context of its own; where it names one, the page's content is that of a running guest.
/// </content>
internal partial class ModelPair<TGeometry>
{
    private const ulong NoPage = ReferenceFirmware.ImpliedPage;

    private SevFirmware<TGeometry>? _firmware;
    private ReferenceFirmware? _plainFirmware;

    private SevFirmware<TGeometry> Firmware => _firmware ??= new SevFirmware<TGeometry>(Table);

    private ReferenceFirmware PlainFirmware => _plainFirmware ??= new ReferenceFirmware(Reference, new ReferencePlatform
    {
        HighestAsid = Table.Processor.MaxAsid,
        Forbidden = [new(0xA_0000, 0xB_FFFF)],
    });

    public int GctxCreate(ulong page) => Same(Ready().GctxCreate(page), PlainReady().GctxCreate(page));

    public int Decommission(ulong page)
    {
        SetGuest(page, GuestState.Init);
        return Same(Ready().Decommission(page), PlainReady().Decommission(page));
    }

    public int Activate(uint asid, ulong? context)
    {
        SevFirmware<TGeometry> firmware = Ready();
        AsidState old = firmware.AsidStateOf(asid);
        int status;
        if (context is ulong page)
        {
            SetGuest(page, GuestState.Running, isActive: false);
            status = Same(firmware.Activate(page, asid), PlainReady().Activate(page, asid));
            SetGuest(page, GuestState.Init);
        }
        else
        {
            ReferenceFirmwareStatus expected = PlainReady().ActivateNobody(asid, isExtended: false);
            FirmwareStatus actual = !firmware.Platform.IsSnpInitialized
                ? firmware.Activate(0UL, asid)
                : new TemporaryGuestContext<TGeometry>(
                    firmware).Run(GuestState.Running, 0, default, [], guest => { SetFlags(guest); return firmware.Activate(guest, asid); });
            status = Same(actual, expected);
        }

        // The ASID is free again: there is no guest that would keep it.
        firmware.TrySetAsidState(asid, old);
        if (old != default) PlainFirmware.SetAsidState(asid, new ReferenceAsid(old.Dirty, old.Clean, old.Allocated, old.Used));
        return status;

        void SetFlags(ulong guest)
        {
            _ = firmware.TryGetGuestContext(At(guest), out GuestContext content);
            firmware.SetGuestContext(At(guest), content with { Flags = GuestFlags.None, Asid = 0 });
        }
    }

    public int LaunchUpdate(ulong page, PageSize size, bool vmsa, byte mask1, byte mask2, byte mask3)
    {
        ReferenceLaunchUpdate plain = new()
        {
            Page = page,
            Large = size == PageSize.Size2M,
            Type = vmsa ? 2 : 1,
            Mask1 = mask1,
            Mask2 = mask2,
            Mask3 = mask3,
        };
        LaunchParameters parameters = new()
        {
            Page = page,
            Size = size,
            Type = vmsa ? LaunchPageType.Vmsa : LaunchPageType.Normal,
            Vmpl1Permissions = (VmplPermissions)mask1,
            Vmpl2Permissions = (VmplPermissions)mask2,
            Vmpl3Permissions = (VmplPermissions)mask3,
        };
        ReferenceFirmwareStatus expected = PlainReady().LaunchUpdate(ContextFor(page, GuestState.Launch), plain);
        return Same(
            OnBehalf(page, [page], guest => Firmware.LaunchUpdate(parameters with { GuestContext = guest }), GuestState.Launch), expected);
    }

    public int SwapOut(ulong page, PageSize size)
    {
        bool large = size == PageSize.Size2M;
        bool metadata = PlainReady().StateOf(page) == ReferencePageState.Metadata;
        int type = metadata ? ReferenceSwap.Metadata : ReferenceSwap.Data;
        ReferenceSwap plain = new() { Source = page, Destination = NoPage, IsRoot = true, Large = large, Type = type };
        ReferenceFirmwareStatus expected = PlainFirmware.SwapOut(ContextFor(page, GuestState.Running), plain);
        PageTransferParameters parameters = new()
        {
            Source = page,
            Destination = FreePage(),
            IsRoot = true,
            Size = size,
            Type = (SwapPageType)type,
        };
        return Same(OnBehalf(page, [page], guest => Firmware.SwapOut(parameters with { GuestContext = guest })), expected);
    }

    /// <param name="page">The page.</param>
    /// <param name="size">Its size.</param>
    /// <param name="gpa">Its guest physical address.</param>
    /// <param name="validated">Whether it was validated.</param>
    /// <param name="vmsa">Whether it is a save area.</param>
    /// <param name="masks">Four masks, VMPL0 lowest.</param>
    public int SwapIn(ulong page, PageSize size, ulong gpa, bool validated, bool vmsa, ulong masks)
    {
        bool large = size == PageSize.Size2M;
        int type = vmsa ? ReferenceSwap.Vmsa : ReferenceSwap.Data;
        ReferenceMetadata entry = new()
        {
            IsValid = true,
            Validated = validated,
            Vmsa = vmsa,
            Large = large,
            GpaPage = gpa >> 12,
            High = masks,
        };
        ReferenceSwap plain = new() { Source = NoPage, Destination = page, Large = large, Type = type };
        ReferenceFirmwareStatus expected = PlainReady().SwapIn(ContextFor(page, GuestState.Running), plain, entry);
        MetadataEntry root = new()
        {
            IsValid = true,
            IsValidated = validated,
            IsVmsa = vmsa,
            Size = size,
            GuestPage = gpa >> 12,
            Permissions = masks,
        };
        PageTransferParameters parameters = new()
        {
            Source = FreePage(),
            Destination = page,
            IsRoot = true,
            Size = size,
            Type = (SwapPageType)type,
        };
        return Same(OnBehalf(page, [page], guest => Firmware.SwapIn(parameters with { GuestContext = guest }), root: root), expected);
    }

    public int SwapInMetadata(ulong page, ulong context)
    {
        SetGuest(context, GuestState.Running);
        ReferenceSwap plain = new() { Source = NoPage, Destination = page, Type = ReferenceSwap.Metadata };
        ReferenceFirmwareStatus expected = PlainReady().SwapIn(context, plain, new ReferenceMetadata { IsValid = true, IsMetadata = true });
        _ = Firmware.TryGetGuestContext(At(context), out GuestContext guest);
        Firmware.SetGuestContext(At(context), guest with { Root = new MetadataEntry { IsValid = true, IsMetadata = true } });
        PageTransferParameters parameters = new()
        {
            GuestContext = context,
            Source = FreePage(),
            Destination = page,
            IsRoot = true,
            Type = SwapPageType.Metadata,
        };
        return Same(Ready().SwapIn(parameters), expected);
    }

    public int PageMove(ulong source, ulong destination, PageSize size)
    {
        ReferenceFirmwareStatus expected = PlainReady().PageMove(
            ContextFor(source, GuestState.Running), source, destination, size == PageSize.Size2M);
        PageTransferParameters parameters = new() { Source = source, Destination = destination, Size = size };
        return Same(
            OnBehalf(source, [source, destination], guest => Firmware.PageMove(parameters with { GuestContext = guest })), expected);
    }

    public int MdInit(ulong page, ulong context)
    {
        SetGuest(context, GuestState.Running);
        return Same(Ready().MdInit(context, page), PlainReady().MdInit(context, page));
    }

    public int PageSetState(ulong page, ulong pages)
    {
        uint count = (uint)ulong.Min(pages, uint.MaxValue);
        ReferenceFirmwareStatus expected = PlainReady().PageSetState(
            new ReferenceRangeList { Address = NoPage, Ranges = [new(page, count)] });
        return Same(
            Ready().PageSetState(
                new PlatformParameters { ListAddress = FreePage(), Ranges = [new PageRangeEntry(page, count)] }),
            expected);
    }

    public int PageReclaim(ulong page, PageSize size)
    {
        bool large = size == PageSize.Size2M;
        ReferenceFirmwareStatus expected = PlainReady().PageReclaim(page & ~1UL, large);
        return Same(Ready().PageReclaim((page & ~1UL) | (large ? 1UL : 0)), expected);
    }

    public int PageUnsmash(ulong page) => Same(Ready().PageUnsmash(page), PlainReady().PageUnsmash(page));

    /// <summary>SNP_SHUTDOWN or SHUTDOWN_EX, and the state of before: what it leaves is in the table.</summary>
    public int Shutdown(bool iommu)
    {
        SevFirmware<TGeometry> firmware = Ready();
        int status = iommu
            ? Same(
                firmware.SnpShutdownEx(new PlatformParameters { IommuShutdown = true }),
                PlainReady().Shutdown(iommu: true, x86: false))
            : Same(firmware.SnpShutdown(), PlainReady().Shutdown());
        return status;
    }

    /// <summary>SNP_INIT of a machine with memory wherever the RMP covers it, with one fixed range and one log of an IOMMU.</summary>
    public int SnpInit(PhysicalRange fixedRange, PhysicalRange iommu)
    {
        SevFirmware<TGeometry> firmware = Ready();
        PlainReady().IsInitialized = false;
        firmware.Platform = firmware.Platform with { IsSnpInitialized = false };
        firmware.Machine = new FirmwareMachine { IommuBuffers = [iommu] };
        PlainFirmware.Platform = PlainFirmware.Platform with { IommuBuffers = [Plain(iommu)] };
        uint pages = (uint)(fixedRange.Length >> 12);
        ReferenceRangeList plain = new() { Address = NoPage, Ranges = [new(fixedRange.Start.Value, pages)] };
        PlatformParameters parameters = new()
        {
            InitRmp = true,
            HasList = true,
            ListAddress = FreePage(),
            Ranges = [new PageRangeEntry(fixedRange.Start.Value, pages)],
        };
        int status = Same(firmware.SnpInitEx(parameters), PlainFirmware.Init(new ReferenceInit { List = plain }));
        if (Reference.Writes.IsWholeTable) _moving.Clear();
        firmware.Wbinvd();
        PlainFirmware.Wbinvd();
        Same(firmware.DfFlush(), PlainFirmware.DfFlush());
        return status;
    }

    /// <summary>Whether an entry of the region around an address was poked in motion.</summary>
    public bool IsMoving(ulong address)
    {
        foreach (ulong page in _moving)
        {
            if (page >> 9 == address >> 21) return true;
        }

        return false;
    }

    private static ReferenceRange Plain(PhysicalRange range) => new(range.Start.Value, range.End - 1);

    // An INIT is taken as done wherever SNP is enabled.
    private SevFirmware<TGeometry> Ready()
    {
        Firmware.IsSnpEnabled = Reference.IsEnabled;
        if (Reference.IsEnabled) Firmware.Platform = Firmware.Platform with { IsSnpInitialized = true };
        return Firmware;
    }

    private ReferenceFirmware PlainReady()
    {
        if (Reference.IsEnabled) PlainFirmware.IsInitialized = true;
        return PlainFirmware;
    }

    private ulong ContextFor(ulong page, GuestState state)
    {
        ulong context = PlainFirmware.ContextFor(page, (ReferenceGuestState)(byte)state);
        if (context != ReferenceFirmware.ImpliedContext) SetGuest(context, state);
        return context;
    }

    // A command whose guest is the one that a Metadata page names, or one that owns the page.
    private FirmwareStatus OnBehalf(
        ulong page, ReadOnlySpan<ulong> operands, Func<ulong, FirmwareStatus> command, GuestState state = GuestState.Running,
        MetadataEntry root = default)
    {
        SevFirmware<TGeometry> firmware = Ready();
        bool isCovered = Table.TryReadRaw(At(page), out RmpEntry entry);
        if (!firmware.Platform.IsSnpInitialized) return command(0);
        if (isCovered && entry.State == PageState.Metadata) return command(entry.FirmwareAddress.Value);
        return new TemporaryGuestContext<TGeometry>(firmware).Run(state, isCovered ? (uint)entry.Asid : 0, root, operands, command);
    }

    private void SetGuest(ulong page, GuestState state, bool isActive = true)
    {
        bool isThere = state != GuestState.Init;
        uint asid = isThere && isActive ? 1U : 0;
        Firmware.SetGuestContext(At(page & ~0xFFFUL), new GuestContext
        {
            State = state,
            Asid = asid,
            Flags = isThere && isActive ? GuestFlags.EncryptedState | GuestFlags.Active : GuestFlags.None,
            MigrationAgent = GuestContext.NoMigrationAgent,
        });
        PlainFirmware.SetGuest(page & ~0xFFFUL, new ReferenceGuest
        {
            State = (ReferenceGuestState)(byte)state,
            Asid = asid,
            IsActive = isThere && isActive,
            IsEs = isThere && isActive,
            MigrationAgent = ReferenceGuest.NoAgent,
        });
    }

    // A page without entry, which any command may read and write.
    private ulong FreePage() => Table.Geometry.CoveredRange(Table.Geometry.CoveredRanges - 1).End;

    private static int Same(FirmwareStatus status, ReferenceFirmwareStatus expected)
    {
        if ((int)status != (int)expected) Assert.Fail($"{status}, expected {expected}");
        return (int)status;
    }
}
