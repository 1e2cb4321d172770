using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <content>The parts out of which both walks are put together.</content>
public static partial class NestedWalker
{
    /// <summary>Who wants to know the entries passed; those of the nested tables come through the base interface.</summary>
    private interface INestedTrace : PageWalker.ITrace
    {
        void AddGuest(PagingLevel level, PhysicalAddress gpa, PhysicalAddress address, ulong entry);
    }

    /// <summary>A guest physical address knows no sign. One that the nested tables do not reach is not present in them; five levels reach
    /// all.</summary>
    private readonly struct GuestPhysicalForm : PageWalker.IForm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool IsWalked(VirtualAddress address, PagingMode mode) =>
            mode.IsFiveLevel() || address.Value >> mode.AddressBitsUnchecked() == 0;
    }

    private struct NoNestedTrace : INestedTrace
    {
        public readonly void Add(PagingLevel level, PhysicalAddress address, ulong entry)
        {
        }

        public readonly void AddGuest(PagingLevel level, PhysicalAddress gpa, PhysicalAddress address, ulong entry)
        {
        }

        public readonly void Restart()
        {
        }
    }

    private struct NestedEntryTrace : INestedTrace
    {
        public WalkTrace Steps;

        public void Add(PagingLevel level, PhysicalAddress address, ulong entry) => Steps.Add(new WalkStep(level, address, new(entry)));

        public void AddGuest(PagingLevel level, PhysicalAddress gpa, PhysicalAddress address, ulong entry) =>
            Steps.Add(new WalkStep(level, address, new(entry), IsGuest: true, GuestPhysicalAddress.CreateUnchecked(gpa.Value)));

        public void Restart() => Steps.Clear();
    }

    /// <summary>Whether GMET is on: a type argument, so that walks without it have no trace of it.</summary>
    private interface IExecuteTrap
    {
        static abstract bool IsOn { get; }
    }

    private readonly struct NoExecuteTrap : IExecuteTrap
    {
        public static bool IsOn => false;
    }

    private readonly struct ExecuteTrap : IExecuteTrap
    {
        public static bool IsOn => true;
    }

    /// <summary>What the nested tables' own walk asks: the guest's access is judged by the caller, who knows the guest.</summary>
    private readonly ref struct NestedEntries<TCheck> : IWalkCheck
        where TCheck : struct, INestedWalkCheck
    {
        private readonly ref TCheck _check;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal NestedEntries(ref TCheck check) => _check = ref check;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MayUseEntry(PhysicalAddress entry, bool writes) => _check.MayUseNestedEntry(entry, writes);

        public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind) => true;
    }
}
