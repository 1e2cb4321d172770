using System;
using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Layouts;
using FastRmp.Model;
using FastRmp.Rmp;

namespace FastRmp.AotSmoke;

/// <summary>Every firmware command, on a Genoa. SNP_INIT comes once, before the rounds: it plans, and may allocate.</summary>
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
    private static readonly GuestPhysicalAddress Gpa = GuestPhysicalAddress.Create(0x8000_0000);
    private static readonly RmpUpdateOperand FirmwarePage = default(RmpUpdateOperand).WithAssigned(true).WithImmutable(true);
    private static readonly RmpUpdateOperand PreGuest = FirmwarePage.WithAsid(Asid);

    private readonly ReverseMapTable<ContiguousGeometry> _table;
    private readonly SevFirmware<ContiguousGeometry> _firmware;

    internal FirmwareRound()
    {
        ContiguousGeometry geometry = new(PhysicalAddress.Create(0x2000_0000), PhysicalAddress.Create(0x204F_FFFF));
        _table = new ReverseMapTable<ContiguousGeometry>(geometry, ProcessorModel.Genoa);
        _firmware = new SevFirmware<ContiguousGeometry>(_table);
        PhysicalRange[] iommu = [new(PhysicalAddress.Create(0x2800_0000), 0x2000)];
        Succeeds(_firmware.SnpInit(new SnpInitParameters { Iommu = iommu }), "SNP_INIT");
        Expect.That(_table.StateOf(iommu[0].Start) == PageState.FirmwareIommu && _table.StateOf(PhysicalAddress.Create(0x2000_0000)) == PageState.Firmware, "the table is built");
    }

    internal void Run(int round)
    {
        ContextAndMetadata();
        GuestPages();
        MergedPages();
        FixedPages(Fixed + ((ulong)round * Region));
        Succeeds(_firmware.Shutdown(releasesIommuPages: true), "SNP_SHUTDOWN");
        Expect.That(_table.StateOf(PhysicalAddress.Create(0x2800_0000)) == PageState.Reclaim, "the IOMMU's pages are given back");
    }

    public void Dispose() => _table.Dispose();

    private void ContextAndMetadata()
    {
        Update(Context, FirmwarePage);
        Update(Metadata, FirmwarePage);
        Update(MetadataCopy, FirmwarePage);
        Succeeds(_firmware.GctxCreate(Context), "SNP_GCTX_CREATE");
        Succeeds(_firmware.Activate(Asid, Context), "SNP_ACTIVATE");
        Succeeds(_firmware.MdInit(Metadata, Context), "SNP_MD_INIT");
        Succeeds(_firmware.PageMove(Metadata, MetadataCopy, PageSize.Size4K), "SNP_PAGE_MOVE of metadata");
        Expect.That(_table.StateOf(MetadataCopy) == PageState.Metadata, "the state is Metadata");
        Succeeds(_firmware.SwapOut(MetadataCopy, PageSize.Size4K), "SNP_SWAP_OUT of metadata");
        Succeeds(_firmware.SwapInMetadata(MetadataCopy, Context), "SNP_SWAP_IN of metadata");
        Succeeds(_firmware.Decommission(Context), "SNP_DECOMMISSION");
        Reclaim(Context);
        Reclaim(Metadata);
        Reclaim(MetadataCopy);
    }

    private void GuestPages()
    {
        Update(GuestPage, PreGuest.WithGpa(Gpa.Value));
        Expect.That(_firmware.Activate(Asid) == FirmwareStatus.AsidOwned, "an ASID with pages is not activated");
        Succeeds(_firmware.LaunchUpdate(GuestPage, PageSize.Size4K, new LaunchUpdateParameters(true, VmplPermissions.Read, default, default)), "SNP_LAUNCH_UPDATE");
        Expect.That(_table.StateOf(GuestPage) == PageState.GuestValid, "the state is Guest-Valid");
        Update(GuestPage, PreGuest.WithGpa(Gpa.Value));
        Succeeds(_firmware.SwapOut(GuestPage, PageSize.Size4K), "SNP_SWAP_OUT");
        SwapInParameters parameters = new(Gpa, IsValidated: true, IsVmsa: false, VmplPermissions.Read, default, default, default);
        Succeeds(_firmware.SwapIn(GuestPage, PageSize.Size4K, parameters), "SNP_SWAP_IN");
        Expect.That(_table.StateOf(GuestPage) == PageState.PreSwap, "the state is Pre-Swap");
        Update(Destination, PreGuest);
        Succeeds(_firmware.PageMove(GuestPage, Destination, PageSize.Size4K), "SNP_PAGE_MOVE");
        Expect.That(_table.StateOf(GuestPage) == PageState.GuestInvalid && _table.StateOf(Destination) == PageState.GuestValid, "the page has moved");
        Update(GuestPage, default);
        Update(Destination, default);
    }

    private void MergedPages()
    {
        for (ulong offset = 0; offset < Region; offset += PageSize.Size4K.Bytes())
        {
            Update(Merged + offset, PreGuest.WithGpa(Gpa.Value + offset));
        }

        Succeeds(_firmware.PageUnsmash(Merged), "SNP_PAGE_UNSMASH");
        Expect.That(_table.Lookup(Merged).Size == PageSize.Size2M, "512 pages are one");
        Succeeds(_firmware.PageReclaim(Merged, PageSize.Size2M), "SNP_PAGE_RECLAIM of 2 MiB");
        Update(Merged, default(RmpUpdateOperand).WithPageSize(PageSize.Size2M));
        Expect.That(_table.AssignedPages(Asid) == 0, "the counter is back at zero");
    }

    /// <summary>For ever: each round takes other pages.</summary>
    private void FixedPages(PhysicalAddress start)
    {
        for (ulong offset = 0; offset < Region; offset += PageSize.Size4K.Bytes())
        {
            Update(start + offset, FirmwarePage);
        }

        Succeeds(_firmware.PageSetState(start), "SNP_PAGE_SET_STATE");
        Expect.That(_table.StateOf(start) == PageState.HvFixed, "the state is HV_Fixed");
        Expect.That(_table.RmpUpdate(ExecutionState.Host, start, default).Status == RmpStatus.FailPermission, "a fixed page stays");
    }

    private void Reclaim(PhysicalAddress page)
    {
        Succeeds(_firmware.PageReclaim(page, PageSize.Size4K), "SNP_PAGE_RECLAIM");
        Update(page, default);
    }

    private void Update(PhysicalAddress page, RmpUpdateOperand operand) =>
        Expect.That(_table.RmpUpdate(ExecutionState.Host, page, operand).IsSuccess, "RMPUPDATE succeeds");

    private static void Succeeds(FirmwareStatus status, string command) => Expect.That(status == FirmwareStatus.Success, command);
}
