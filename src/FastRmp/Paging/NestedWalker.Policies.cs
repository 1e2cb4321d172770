using System.Runtime.CompilerServices;
using FastRmp.Addressing;
using FastRmp.Memory;

namespace FastRmp.Paging;

/// <content>The parts out of which both walks are put together.</content>
public static partial class NestedWalker
{
    /// <summary>Who wants to know the entries passed; those of the nested tables come through the base interface.</summary>
    private interface INestedTrace : PageWalker.ITrace
    {
        void AddGuest(PhysicalAddress gpa, PhysicalAddress address, ulong entry);
    }

    /// <summary>A guest physical address knows no sign. One that the nested tables do not reach is not present in them; five levels reach all.</summary>
    private readonly struct GuestPhysicalForm : PageWalker.IForm
    {
        private const int ReachOfFourLevels = 48;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool IsWalked(VirtualAddress address, PagingMode mode) => mode == PagingMode.FiveLevel || address.Value >> ReachOfFourLevels == 0;
    }

    private struct NoNestedTrace : INestedTrace
    {
        public readonly void Add(PagingLevel level, PhysicalAddress address, ulong entry)
        {
        }

        public readonly void AddGuest(PhysicalAddress gpa, PhysicalAddress address, ulong entry)
        {
        }

        public readonly void Restart()
        {
        }
    }

    private struct NestedEntryTrace : INestedTrace
    {
        public NestedWalkTrace Steps;

        private readonly PagingLevel _top;
        private PagingLevel _level;

        internal NestedEntryTrace(PagingLevel guestTop)
        {
            Steps = default;
            _top = guestTop;
            _level = guestTop;
        }

        public void Add(PagingLevel level, PhysicalAddress address, ulong entry) => Steps.Add(new NestedWalkStep(false, level, address, default, new(entry)));

        public void AddGuest(PhysicalAddress gpa, PhysicalAddress address, ulong entry) =>
            Steps.Add(new NestedWalkStep(true, _level--, address, GuestPhysicalAddress.CreateUnchecked(gpa.Value), new(entry)));

        public void Restart()
        {
            Steps.Clear();
            _level = _top;
        }
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

    /// <summary>Marks in the guest's entries: their place was translated for a write when they were read.</summary>
    private readonly struct GuestMarks<TMemory, TCheck, TMarks, TTrace> : PageWalker.IMarks<GuestMemory<TMemory, TCheck, TMarks, TTrace>>
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace
    {
        public static bool Writes => TMarks.Writes;

        public static bool TrySet(scoped ref GuestMemory<TMemory, TCheck, TMarks, TTrace> memory, PhysicalAddress entry, ulong found, ulong bits) =>
            TMarks.TrySet(ref memory.Memory, memory.Place.Address, found, bits);
    }

    /// <summary>Guest physical memory as the guest's walk sees it: each read is a nested walk for a user's write, the check of that access, then the entry.</summary>
    private ref struct GuestMemory<TMemory, TCheck, TMarks, TTrace> : IPhysicalMemory
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, INestedWalkCheck
        where TMarks : struct, PageWalker.IMarks<TMemory>
        where TTrace : struct, INestedTrace
    {
        internal TMemory Memory;
        internal Translation Place;     // of the entry read last
        internal ulong Entry;           // that entry
        internal NestedVerdict Verdict; // on the access to it

        private readonly ref readonly PagingState _host;
        private readonly ref TCheck _check;
        private readonly ref TTrace _trace;
        private readonly bool _isPrivate;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal GuestMemory(TMemory memory, in PagingState host, ref TCheck check, ref TTrace trace, bool isPrivate)
        {
            Memory = memory;
            _host = ref host;
            _check = ref check;
            _trace = ref trace;
            _isPrivate = isPrivate;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryRead(PhysicalAddress address, out ulong value)
        {
            Translation place = OfGuestEntry<TMemory, TCheck, TMarks, TTrace>(ref Memory, _host, address, ref _check, ref _trace);
            Place = place;
            if (place.IsMapped)
            {
                NestedVerdict verdict = _check.JudgeGuestEntry(GuestPhysicalAddress.CreateUnchecked(address.Value), place.Address, place.Size, _isPrivate);
                Verdict = verdict;
                if (verdict.IsAllowed && Memory.TryRead(place.Address, out value))
                {
                    Entry = value;
                    _trace.AddGuest(address, place.Address, value);
                    return true;
                }
            }

            value = 0;
            return false;
        }
    }
}
