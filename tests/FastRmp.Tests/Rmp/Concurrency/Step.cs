using System.Globalization;
using FastRmp.Reference;
using FastRmp.Tests.Firmware;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>One operation of a program that a thread runs.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Page">To which page.</param>
/// <param name="Operand">Of RMPUPDATE; of a guest's step GPA and ASID count; of RMPADJUST the high quadword is RDX.</param>
/// <param name="Mapping">Size of a mapping, or of the page that a guest means.</param>
internal sealed record Step(StepKind Kind, ulong Page, RmpUpdateOperand Operand = default, PageSize Mapping = default)
{
    private const ulong SubpageCount = 0xFF8;

    public bool IsMutator =>
        Kind
            is StepKind.Update or StepKind.Smash or StepKind.Validate or StepKind.Rescind or StepKind.Adjust or StepKind.Enter
                or StepKind.EnterVmsa or StepKind.Leave or StepKind.Command;

    /// <summary>A guest's step, at VMPL 0 of ASID 1.</summary>
    public static Step Guest(StepKind kind, ulong page, ulong gpa, PageSize size = PageSize.Size4K, ulong rdx = 0) =>
        new(kind, page, new RmpUpdateOperand(gpa, rdx), size);

    public Outcome Execute(ReverseMapTable<ContiguousGeometry> table, RmpOptCore[]? cores = null)
    {
        PhysicalAddress page = PhysicalAddress.Create(Page);
        GuestPhysicalAddress gpa = GuestPhysicalAddress.Truncate(Operand.Gpa);
        NestedPage nested = new(gpa, page, Mapping);
        switch (Kind)
        {
            case StepKind.Update:
                return new Outcome(table.RmpUpdate(ExecutionState.Host, page, Operand));
            case StepKind.Smash:
                return new Outcome(table.PSmash(ExecutionState.Host, page));
            case StepKind.Access:
                return new Outcome(IsOwned: table.IsHostWritable(page, Mapping));
            case StepKind.Lookup:
                return new Outcome(Lookup: table.Lookup(page));
            case StepKind.Validate or StepKind.Rescind:
                return new Outcome(Guest: table.PValidate(ExecutionState.Guest(1), nested, Mapping, Kind == StepKind.Validate));
            case StepKind.Adjust:
                return new Outcome(Guest: table.RmpAdjust(ExecutionState.Guest(1), nested, Mapping, new RmpAdjustOperand(Operand.High)));
            case StepKind.Query:
                GuestResult asked = table.RmpQuery(ExecutionState.Guest(1), nested, 1, out RmpQueryOutput told);
                return new Outcome(
                    Guest: asked,
                    Answer: asked.IsSuccess ? (ulong)told.Permissions | (ulong)told.Size << 8 | (told.IsVmsa ? 0x1_0000UL : 0) : 0);
            case StepKind.Disclose:
                RmpResult read = table.RmpRead(ExecutionState.Host, page, out RmpReadOutput entry);
                return new Outcome(read, Answer: entry.Low ^ entry.High << 8);
            case StepKind.Touch:
                return new Outcome(Guest: RmpCheck.Guest(table, new GuestAccess(1, 0, 0, GuestAccessKind.Write, IsPrivate: true), nested));
            case StepKind.Enter:
                VmRunResult entered = RmpCheck.EnterVm(table, VmRunPage.AvicBackingPage, page, 0, default);
                return new Outcome(IsOwned: entered == VmRunResult.Ok, VmRun: entered);
            case StepKind.EnterVmsa:
                VmRunResult enteredVmsa = RmpCheck.EnterVm(table, VmRunPage.SnpVmsa, page, 1, gpa);
                return new Outcome(IsOwned: enteredVmsa == VmRunResult.Ok, VmRun: enteredVmsa);
            case StepKind.Leave:
                return new Outcome(IsOwned: table.TryUnmarkInUse(page));
            case StepKind.Verify or StepKind.Report:
                RmpOptFunction function = Kind == StepKind.Verify ? RmpOptFunction.VerifyAndReport : RmpOptFunction.Report;
                RmpOptResult optimized = table.RmpOpt(ExecutionState.Host, cores![Operand.Asid], page, function);
                return new Outcome(IsOwned: optimized.CarryFlag, IsContention: optimized.IsContention);
            case StepKind.Command:
                return new Outcome(Answer: (ulong)CommandStep.Execute(table, this));
            default:
                table.TryWriteRaw(page, new RmpEntry(Operand.Low, Operand.High));
                return default;
        }
    }

    /// <summary>Executes the step in the reference.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="outcome">What the table said.</param>
    /// <param name="alone">Whether no update overlapped in time: then a read must not see an intermediate count.</param>
    /// <returns>Whether the reference says the same.</returns>
    public bool Explains(ReferenceRmp reference, in Outcome outcome, bool alone)
    {
        ReferencePageSize size = (ReferencePageSize)(int)Mapping;
        ReferenceTranslation nested = new(Operand.Gpa, Page, size);
        bool large = Mapping != PageSize.Size4K;
        switch (Kind)
        {
            case StepKind.Update:
                return Same(reference.Update(new ReferenceExecution(), Page, ModelPair.Plain(Operand)), outcome.Result);
            case StepKind.Smash:
                return Same(reference.PSmash(new ReferenceExecution(), Page), outcome.Result);
            case StepKind.Access:
                return (reference.HostMayWrite(Page, size) && !reference.IsWriteHeldByUse(Page, size)) == outcome.IsOwned;
            case StepKind.Lookup:
                ReferenceEntry entry = reference.Lookup(Page);
                ulong differing = (entry.ToLow() ^ outcome.Lookup.Entry.Low) & (alone ? ulong.MaxValue : ~SubpageCount);
                return differing == 0 && entry.ToHigh() == outcome.Lookup.Entry.High && entry.Assigned == outcome.Lookup.IsAssigned
                    && entry.Large == (outcome.Lookup.Size == PageSize.Size2M);
            case StepKind.Validate or StepKind.Rescind:
                ReferenceValidateResult validated = reference.PValidate(
                    ReferenceExecution.Guest(1, 0), nested, large, Kind == StepKind.Validate);
                return Same(validated.Result, outcome.Guest) && validated.CarryFlag == outcome.Guest.CarryFlag;
            case StepKind.Adjust:
                RmpAdjustOperand rdx = new(Operand.High);
                return Same(
                    reference.Adjust(
                        ReferenceExecution.Guest(1, 0), nested,
                        new ReferenceAdjustInput
                        {
                            Large = large,
                            TargetVmpl = rdx.TargetVmpl,
                            Mask = (byte)rdx.Permissions,
                            Vmsa = rdx.Vmsa,
                        }),
                    outcome.Guest);
            case StepKind.Query:
                ReferenceQueryResult told = reference.Query(ReferenceExecution.Guest(1, 0), nested, 1);
                return Same(told.Result, outcome.Guest)
                    && outcome.Answer == (told.Mask | (told.Large ? 0x100UL : 0) | (told.Vmsa ? 0x1_0000UL : 0));
            case StepKind.Disclose:
                ReferenceReadResult read = reference.ReadEntry(new ReferenceExecution(), Page);
                ulong high = (read.Assigned ? 1UL : 0) | (read.Large ? 0x100UL : 0) | (read.RegionStatus ? 0x200UL : 0)
                    | (read.Immutable ? 0x1_0000UL : 0) | (ulong)read.Asid << 32;
                return Same(read.Result, outcome.Result) && outcome.Answer == (read.Gpa ^ high << 8);
            case StepKind.Touch:
                return Same(
                    reference.SnpGuestAccess(
                        new ReferenceGuestAccess
                        {
                            Kind = ReferenceAccessKind.Write,
                            Asid = 1,
                            IsPrivate = true,
                            Gpa = Operand.Gpa,
                            Spa = Page,
                            MappingSize = size,
                        }),
                    outcome.Guest);
            case StepKind.Enter or StepKind.EnterVmsa:
                bool enters = Kind == StepKind.Enter
                    ? reference.HostMayWrite(Page, ReferencePageSize.Size4K)
                    : reference.CheckVmrun(
                        new ReferenceVmrun
                        {
                            Vmcb = ulong.MaxValue / 2,
                            Vmsa = Page,
                            IsSnpGuest = true,
                            Asid = 1,
                            VmsaGpa = Operand.Gpa,
                        }) == ReferenceVmrunOutcome.Entered;
                if (enters) reference.TakeInUse(Page);
                return enters == outcome.IsOwned;
            case StepKind.Leave:
                bool used = reference.InUseCount(Page) > 0;
                if (used) reference.DropInUse(Page);
                return used == outcome.IsOwned;
            case StepKind.Verify or StepKind.Report:
                return reference.RmpOpt(
                    new ReferenceExecution(), (int)Operand.Asid, Page, Kind == StepKind.Verify).CarryFlag == outcome.IsOwned;
            case StepKind.Command:
                return CommandStep.Explains(reference, this, outcome.Answer);
            default:
                reference.Poke(Page, Operand.Low, Operand.High);
                return true;
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Kind == StepKind.Command ? ((FirmwareCommand)Operand.Asid).ToString() : Kind.ToString())} "
            + $"0x{Page:x} {(Kind == StepKind.Update ? $"{Operand.PageSize} asid {Operand.Asid} gpa 0x{Operand.Gpa:x} assigned {Operand.Assigned} immutable {Operand.Immutable}" : $"{Mapping} 0x{Operand.Gpa:x} 0x{Operand.High:x}")}");

    private static bool Same(ReferenceResult expected, RmpResult result) =>
        (int)expected.Fault == (int)result.Fault && (int)expected.Code == (int)result.Status;

    private static bool Same(ReferenceResult expected, GuestResult result) =>
        (int)expected.Fault == (int)result.Fault && (int)expected.Code == (int)result.Status
            && (expected.Fault != ReferenceFault.NestedPageFault || expected.ErrorCode == result.ExitInfo1.Value);

    private static bool Same(ReferenceAccessResult expected, GuestResult result) =>
        Same(new ReferenceResult(expected.Fault, ReferenceCode.Success, expected.ErrorCode), result);
}
