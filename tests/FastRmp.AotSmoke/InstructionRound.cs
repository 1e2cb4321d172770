using System;

namespace FastRmp.AotSmoke;

/// <summary>Every instruction and every guest check, on a Venice with a segmented RMP.</summary>
internal sealed class InstructionRound : IDisposable
{
    private const uint Asid = 5;
    private const byte OtherVmpl = 1;

    private static readonly ExecutionState Host = ExecutionState.Host;
    private static readonly ExecutionState Guest = ExecutionState.Guest(Asid);
    private static readonly PhysicalAddress Page = PhysicalAddress.Create(0x4020_3000);
    private static readonly PhysicalAddress LargePage = PhysicalAddress.Create(0x4060_0000);
    private static readonly GuestPhysicalAddress Gpa = GuestPhysicalAddress.Create(0x1_0020_3000);
    private static readonly GuestPhysicalAddress LargeGpa = GuestPhysicalAddress.Create(0x2_0000_0000);
    private static readonly RmpUpdateOperand Assign = new RmpUpdateOperand { Assigned = true, Asid = Asid };

    private readonly ReverseMapTable<SegmentedGeometry> _table;
    private readonly RmpOptCore _core = RmpOptCore.EnabledAt(default);
    private readonly RmpCensus _census = new();

    internal InstructionRound()
    {
        RmpSegment[] segments = [new(0, 1, 0x200_0000), new(1, 1, 0x280_0000)];
        SegmentedGeometry geometry = new(PhysicalAddress.Create(0x100_0000), 30, segments, ProcessorModel.Venice);
        _table = new ReverseMapTable<SegmentedGeometry>(geometry, ProcessorModel.Venice);
        _table.ClaimOwnPages();
    }

    internal void Run(int round)
    {
        SmallPage();
        LargePageAndPieces();
        InUse();
        ulong before = _census.AssignedPages;
        _census.Add(Page.AlignDown(PageSize.Size2M), _table.Region(Page));
        Expect.That(
            _census.IsConsistent && _census.AssignedPages == before && _census.Pages == 512UL * (ulong)(round + 1),
            "the census finds an empty region");
    }

    public void Dispose() => _table.Dispose();

    private void SmallPage()
    {
        NestedPage place = new(Gpa, Page, PageSize.Size4K);
        Expect.That(_table.RmpUpdate(Host, Page, Assign with { Gpa = Gpa.Value }).IsSuccess, "RMPUPDATE assigns");
        Expect.That(
            _table.RmpRead(Host, Page, out RmpReadOutput read).IsSuccess && read is { Assigned: true, Asid: Asid } && read.Gpa == Gpa.Value,
            "RMPREAD shows the owner");
        Expect.That(Access(GuestAccessKind.Read, 0, place).Fault == RmpFault.PageNotValidated, "a page that is not validated gives #VC");
        Expect.That(
            _table.PValidate(Guest, place, PageSize.Size4K, validate: true) is { IsSuccess: true, CarryFlag: false },
            "PVALIDATE validates");
        Expect.That(
            _table.PValidate(Guest, place, PageSize.Size4K, validate: true) is { IsSuccess: true, CarryFlag: true },
            "PVALIDATE tells the second time");
        RmpAdjustOperand readable = new RmpAdjustOperand { TargetVmpl = OtherVmpl, Permissions = VmplPermissions.Read };
        Expect.That(_table.RmpAdjust(Guest, place, PageSize.Size4K, readable).IsSuccess, "RMPADJUST grants");
        Expect.That(
            _table.RmpQuery(Guest, place, OtherVmpl, out RmpQueryOutput query).IsSuccess
                && query is { Permissions: VmplPermissions.Read, IsVmsa: false },
            "RMPQUERY tells what was granted");
        Expect.That(
            Access(GuestAccessKind.Write, 0, place).IsSuccess && Access(GuestAccessKind.Read, OtherVmpl, place).IsSuccess,
            "what the masks allow passes");
        Expect.That(
            Access(GuestAccessKind.Fetch, 0, place).IsSuccess && Access(GuestAccessKind.PageTable, 0, place).IsSuccess,
            "fetches and table accesses pass");
        Expect.That(Access(GuestAccessKind.Write, OtherVmpl, place).ExitInfo1.Value == 0x15_8000_0007, "VMPL1 may not write");
        Expect.That(
            Access(GuestAccessKind.Read, 0, place with { Gpa = Gpa + 0x1000 }).ExitInfo1.Value == 0x5_8000_0005,
            "another guest address faults");
        Expect.That(
            RmpCheck.Guest(
                _table, new GuestAccess(6, 0, 0, GuestAccessKind.Write, IsPrivate: false), place).ExitInfo1.Value == 0x1_8000_0007,
            "a shared write faults");
        Expect.That(
            RmpCheck.Host(_table, AccessKind.Write, Page, PageSize.Size2M).Value == 0x8000_0003,
            "the host's write faults through a large mapping");
        Expect.That(_table.StateOf(Page) == PageState.GuestValid, "the state is Guest-Valid");
        foreach (OwnedPage owned in _table.PagesOf(Asid))
        {
            Expect.That(owned.Page == Page && owned.Entry.Validated, "the guest's page is listed");
        }

        InstructionResult smashed = HypervisorInstructions.PSmash(_table, Host, new InstructionRegisters(LargePage.Value));
        Expect.That(
            smashed is { Code: RmpStatus.FailBadAddress, Registers.Rax: (ulong)RmpStatus.FailBadAddress },
            "PSMASH from registers tells by EAX");
        Expect.That(!Optimize(RmpOptFunction.VerifyAndReport), "RMPOPT finds the assigned page");
        Expect.That(_table.RmpUpdate(Host, Page, default).IsSuccess && !Optimize(RmpOptFunction.Report), "RMPUPDATE releases");
        Expect.That(Optimize(RmpOptFunction.VerifyAndReport) && Optimize(RmpOptFunction.Report), "RMPOPT finds nothing");
    }

    private void LargePageAndPieces()
    {
        NestedPage large = new(LargeGpa, LargePage, PageSize.Size2M);
        NestedPage piece = new(LargeGpa + 0x3000, LargePage + 0x3000, PageSize.Size4K);
        Expect.That(
            _table.RmpUpdate(Host, LargePage, Assign with { Gpa = LargeGpa.Value, PageSize = PageSize.Size2M }).IsSuccess,
            "RMPUPDATE assigns 2 MiB");
        Expect.That(_table.AssignedPages(Asid) == 512, "the counter has all its pages");
        Expect.That(
            _table.PValidate(Guest, piece, PageSize.Size4K, validate: true).ExitInfo1.Value == 0xC_8000_0005,
            "PVALIDATE of a piece faults with SIZEM");
        Expect.That(_table.PValidate(Guest, large, PageSize.Size2M, validate: true).IsSuccess, "PVALIDATE of 2 MiB");
        Expect.That(
            _table.PSmash(Host, LargePage).IsSuccess && _table.PSmash(Host, LargePage).Status == RmpStatus.FailBadAddress,
            "PSMASH works once");
        Expect.That(Access(GuestAccessKind.Read, 0, piece).IsSuccess, "a piece is as valid as the whole was");
        Expect.That(
            _table.PValidate(Guest, piece, PageSize.Size2M, validate: true).Status == RmpStatus.FailInput,
            "a piece is not a 2 MiB operand");
        for (ulong offset = 0; offset < PageSize.Size2M.Bytes(); offset += PageSize.Size4K.Bytes())
        {
            Expect.That(_table.RmpUpdate(Host, LargePage + offset, default).IsSuccess, "each piece is released");
        }

        Expect.That(_table.AssignedPages(Asid) == 0, "the counter is back at zero");
    }

    private void InUse()
    {
        Expect.That(RmpCheck.EnterVm(_table, VmRunPage.Vmcb, Page, 0, default) == VmRunResult.Ok, "VMRUN takes the VMCB");
        Expect.That(_table.RmpUpdate(Host, Page, Assign).Status == RmpStatus.FailInUse, "a page in use stays");
        Expect.That(_table.TryUnmarkInUse(Page) && !_table.IsInUse(Page), "#VMEXIT gives it back");
    }

    private GuestResult Access(GuestAccessKind kind, byte vmpl, in NestedPage place) =>
        RmpCheck.Guest(_table, new GuestAccess(Asid, vmpl, Cpl: 0, kind, IsPrivate: true), place);

    private bool Optimize(RmpOptFunction function) =>
        _table.RmpOpt(Host, _core, Page, function) is { Fault: RmpFault.None, CarryFlag: true };
}
