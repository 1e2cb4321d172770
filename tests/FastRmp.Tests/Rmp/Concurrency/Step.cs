using System.Globalization;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Reference;
using FastRmp.Rmp;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>One operation of a program that a thread runs.</summary>
internal sealed record Step(StepKind Kind, ulong Page, RmpUpdateOperand Operand = default, PageSize Mapping = default)
{
    private const ulong SubpageCount = 0xFF8;

    public bool IsMutator => Kind is StepKind.Update or StepKind.Smash;

    public Outcome Execute(ReverseMapTable<ContiguousGeometry> table)
    {
        PhysicalAddress page = PhysicalAddress.Create(Page);
        switch (Kind)
        {
            case StepKind.Update:
                return new Outcome(table.RmpUpdate(ExecutionState.Host, page, Operand), default, default);
            case StepKind.Smash:
                return new Outcome(table.PSmash(ExecutionState.Host, page), default, default);
            case StepKind.Access:
                return new Outcome(default, table.IsHypervisorOwned(page, Mapping), default);
            case StepKind.Lookup:
                return new Outcome(default, default, table.Lookup(page));
            default:
                table.TryWriteRaw(page, new RmpEntry(Operand.Low, Operand.High));
                return default;
        }
    }

    /// <summary>Executes the step in the reference.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="outcome">What the table said.</param>
    /// <param name="alone">Whether no update overlapped in time: then not even a glimpse of a count in motion is allowed.</param>
    /// <returns>Whether the reference says the same.</returns>
    public bool Explains(ReferenceRmp reference, in Outcome outcome, bool alone)
    {
        switch (Kind)
        {
            case StepKind.Update:
                return Same(reference.Update(new ReferenceExecution(), Page, ModelPair.Plain(Operand)), outcome.Result);
            case StepKind.Smash:
                return Same(reference.PSmash(new ReferenceExecution(), Page), outcome.Result);
            case StepKind.Access:
                return reference.HostMayWrite(Page, (ReferencePageSize)(int)Mapping) == outcome.IsOwned;
            case StepKind.Lookup:
                ReferenceEntry entry = reference.Lookup(Page);
                ulong differing = (entry.ToLow() ^ outcome.Lookup.Entry.Low) & (alone ? ulong.MaxValue : ~SubpageCount);
                return differing == 0 && entry.ToHigh() == outcome.Lookup.Entry.High && entry.Assigned == outcome.Lookup.IsAssigned
                    && entry.Large == (outcome.Lookup.Size == PageSize.Size2M);
            default:
                reference.Poke(Page, Operand.Low, Operand.High);
                return true;
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kind} 0x{Page:x} {(Kind == StepKind.Update ? $"{Operand.PageSize} asid {Operand.Asid} gpa 0x{Operand.Gpa:x} assigned {Operand.Assigned} immutable {Operand.Immutable}" : Kind == StepKind.Access ? Mapping.ToString() : string.Empty)}");

    private static bool Same(ReferenceResult expected, RmpResult result) => (int)expected.Fault == (int)result.Fault && (int)expected.Code == (int)result.Status;
}
