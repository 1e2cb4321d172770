using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>The checks on the way to the page of an instruction: those of every access for the tables, none for the page, which the
/// instruction checks itself.</summary>
/// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
#pragma warning disable CA1815 // a policy, never compared
internal readonly struct GuestInstructionCheck<TGeometry>(ReverseMapTable<TGeometry> table, in ExecutionState processor) : INestedWalkCheck
#pragma warning restore CA1815
    where TGeometry : struct, IRmpGeometry
{
    private readonly GuestRmpCheck<TGeometry> _tables = new(table, processor.Asid, processor.Vmpl);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayUseNestedEntry(PhysicalAddress entry, bool writes) => _tables.MayUseNestedEntry(entry, writes);

    public NestedCheckResult CheckGuestEntry(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, bool isPrivate) =>
        _tables.CheckGuestEntry(gpa, address, mapping, isPrivate);

    public NestedCheckResult CheckAccess(
        GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, MemoryAccess access, bool isPrivate) =>
        NestedCheckResult.Allowed;
}
