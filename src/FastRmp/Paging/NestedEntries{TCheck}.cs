using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>What the nested tables' own walk asks: the guest's access is judged by the caller, who knows the guest.</summary>
internal readonly ref struct NestedEntries<TCheck> : IWalkCheck
    where TCheck : struct, INestedWalkCheck
{
    private readonly ref TCheck _check;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal NestedEntries(ref TCheck check) => _check = ref check;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayUseEntry(PhysicalAddress entry, bool writes) => _check.MayUseNestedEntry(entry, writes);

    public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind) => true;
}
