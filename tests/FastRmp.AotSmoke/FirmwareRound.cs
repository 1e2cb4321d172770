using System;
using FastRmp.Firmware;

namespace FastRmp.AotSmoke;

/// <summary>
/// Every firmware command, on a Genoa. SNP_INIT comes once, before the rounds: it plans, and may allocate; the rounds keep its table.
/// </summary>
internal sealed class FirmwareRound : IDisposable
{
    private const uint Asid = 7;
    private const ulong Region = 0x20_0000;

    private static readonly PhysicalAddress Context = PhysicalAddress.Create(0x1000_1000);
    private static readonly PhysicalAddress Metadata = PhysicalAddress.Create(0x1000_2000);
    private static readonly PhysicalAddress MetadataCopy = PhysicalAddress.Create(0x1000_3000);
    private static readonly PhysicalAddress GuestPage = PhysicalAddress.Create(0x1020_1000);
    private static readonly PhysicalAddress Destination = PhysicalAddress.Create(0x1020_2000);
    private static readonly PhysicalAddress Merged = PhysicalAddress.Create(0x1040_0000);
    private static readonly PhysicalAddress Fixed = PhysicalAddress.Create(0x3000_0000);
    private const ulong Uncovered = 0x10_0000_0000;
    private static readonly GuestPhysicalAddress Gpa = GuestPhysicalAddress.Create(0x8000_0000);
    private static readonly RmpUpdateOperand FirmwarePage = new RmpUpdateOperand { Assigned = true, Immutable = true };
    private static readonly RmpUpdateOperand PreGuest = FirmwarePage with { Asid = Asid };

    private readonly ReverseMapTable<ContiguousGeometry> _table;
    private readonly SevFirmware<ContiguousGeometry> _firmware;

    internal FirmwareRound()
    {
        ContiguousGeometry geometry = new(PhysicalAddress.Create(0x2000_0000), PhysicalAddress.Create(0x204F_FFFF));
        _table = new ReverseMapTable<ContiguousGeometry>(geometry, ProcessorModel.Genoa);
        PhysicalRange iommu = new(PhysicalAddress.Create(0x2800_0000), 0x2000);
        _firmware = new SevFirmware<ContiguousGeometry>(_table, new FirmwareMachine { IommuBuffers = [iommu] });
        Succeeds(_firmware.SnpInit(), "SNP_INIT");
        Expect.That(
            _table.StateOf(iommu.Start) == PageState.FirmwareIommu
                && _table.StateOf(PhysicalAddress.Create(0x2000_0000)) == PageState.Firmware,
            "the table is built");
    }

    internal void Run(int round)
    {
        ContextAndMetadata();
        GuestPages();
        MergedPages();
        FixedPages(Fixed + ((ulong)round * Region));
        Flush();
        Succeeds(_firmware.SnpShutdown(), "SNP_SHUTDOWN");
        Succeeds(_firmware.SnpInitEx(default), "SNP_INIT_EX keeps the table");
    }

    public void Dispose()
    {
        Flush();
        Succeeds(_firmware.SnpShutdownEx(new PlatformParameters { IommuShutdown = true, X86Shutdown = true }), "SNP_SHUTDOWN_EX");
        Expect.That(_table.StateOf(PhysicalAddress.Create(0x2800_0000)) == PageState.Reclaim, "the IOMMU's pages are given back");
        _table.Dispose();
    }

    private void ContextAndMetadata()
    {
        Update(Context, FirmwarePage);
        Update(Metadata, FirmwarePage);
        Update(MetadataCopy, FirmwarePage);
        Flush();
        Succeeds(_firmware.GctxCreate(Context), "SNP_GCTX_CREATE");
        Succeeds(
            _firmware.LaunchStart(new LaunchParameters { GuestContext = Context.Value, Policy = GuestPolicy.Lenient }), "SNP_LAUNCH_START");
        Succeeds(_firmware.Activate(Context, Asid), "SNP_ACTIVATE");
        Succeeds(_firmware.MdInit(Context, Metadata), "SNP_MD_INIT");
        Succeeds(_firmware.PageMove(Move(Metadata, MetadataCopy)), "SNP_PAGE_MOVE of metadata");
        Expect.That(_table.StateOf(MetadataCopy) == PageState.Metadata, "the state is Metadata");
        Succeeds(_firmware.SwapOut(Out(MetadataCopy, SwapPageType.Metadata)), "SNP_SWAP_OUT of metadata");
        Succeeds(_firmware.SwapIn(In(MetadataCopy, SwapPageType.Metadata)), "SNP_SWAP_IN of metadata");
    }

    private void GuestPages()
    {
        Update(GuestPage, PreGuest with { Gpa = Gpa.Value });
        LaunchParameters launched = new()
        {
            GuestContext = Context.Value,
            Page = GuestPage.Value,
            Type = LaunchPageType.Vmsa,
            Vmpl1Permissions = VmplPermissions.Read,
        };
        Succeeds(_firmware.LaunchUpdate(launched), "SNP_LAUNCH_UPDATE");
        Expect.That(_table.StateOf(GuestPage) == PageState.GuestValid, "the state is Guest-Valid");
        Succeeds(_firmware.LaunchFinish(new LaunchParameters { GuestContext = Context.Value }), "SNP_LAUNCH_FINISH");
        Update(GuestPage, PreGuest with { Gpa = Gpa.Value });
        Succeeds(_firmware.SwapOut(Out(GuestPage, SwapPageType.Data)), "SNP_SWAP_OUT");
        Succeeds(_firmware.SwapIn(In(GuestPage, SwapPageType.Data)), "SNP_SWAP_IN");
        Expect.That(_table.StateOf(GuestPage) == PageState.PreSwap, "the state is Pre-Swap");
        Update(Destination, PreGuest);
        Succeeds(_firmware.PageMove(Move(GuestPage, Destination)), "SNP_PAGE_MOVE");
        Expect.That(
            _table.StateOf(GuestPage) == PageState.GuestInvalid && _table.StateOf(Destination) == PageState.GuestValid,
            "the page has moved");
        Update(GuestPage, default);
        Update(Destination, default);
        Succeeds(_firmware.Decommission(Context), "SNP_DECOMMISSION");
        Reclaim(Context);
        Reclaim(Metadata);
        Reclaim(MetadataCopy);
    }

    private void MergedPages()
    {
        for (ulong offset = 0; offset < Region; offset += PageSize.Size4K.Bytes())
        {
            Update(Merged + offset, PreGuest with { Gpa = Gpa.Value + offset });
        }

        Succeeds(_firmware.PageUnsmash(Merged), "SNP_PAGE_UNSMASH");
        Expect.That(_table.Lookup(Merged).Size == PageSize.Size2M, "512 pages are one");
        Succeeds(_firmware.PageReclaim(Merged, PageSize.Size2M), "SNP_PAGE_RECLAIM of 2 MiB");
        Update(Merged, new RmpUpdateOperand { PageSize = PageSize.Size2M });
        Expect.That(_table.AssignedPages(Asid) == 0, "the counter is back at zero");
    }

    /// <summary>For ever: each round takes other pages.</summary>
    private void FixedPages(PhysicalAddress start)
    {
        for (ulong offset = 0; offset < Region; offset += PageSize.Size4K.Bytes())
        {
            Update(start + offset, FirmwarePage);
        }

        PageRangeEntry range = new(start.Value, 512);
        Succeeds(_firmware.PageSetState(new PlatformParameters { ListAddress = Context.Value, Ranges = [range] }), "SNP_PAGE_SET_STATE");
        Expect.That(_table.StateOf(start) == PageState.HvFixed, "the state is HV_Fixed");
        Expect.That(_table.RmpUpdate(ExecutionState.Host, start, default).Status == RmpStatus.FailPermission, "a fixed page stays");
    }

    private void Flush()
    {
        _firmware.Wbinvd();
        Succeeds(_firmware.DfFlush(), "SNP_DF_FLUSH");
    }

    private static PageTransferParameters Move(PhysicalAddress source, PhysicalAddress destination) =>
        new() { GuestContext = Context.Value, Source = source.Value, Destination = destination.Value };

    private static PageTransferParameters Out(PhysicalAddress page, SwapPageType type) =>
        new() { GuestContext = Context.Value, Source = page.Value, Destination = Uncovered, Type = type, IsRoot = true };

    private static PageTransferParameters In(PhysicalAddress page, SwapPageType type) =>
        new() { GuestContext = Context.Value, Source = Uncovered, Destination = page.Value, Type = type, IsRoot = true };

    private void Reclaim(PhysicalAddress page)
    {
        Succeeds(_firmware.PageReclaim(page, PageSize.Size4K), "SNP_PAGE_RECLAIM");
        Update(page, default);
    }

    private void Update(PhysicalAddress page, RmpUpdateOperand operand) =>
        Expect.That(_table.RmpUpdate(ExecutionState.Host, page, operand).IsSuccess, "RMPUPDATE succeeds");

    private static void Succeeds(FirmwareStatus status, string command) => Expect.That(status == FirmwareStatus.Success, command);
}
