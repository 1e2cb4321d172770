using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <content>The parts of a walk that its callers choose, as type arguments that the JIT folds away.</content>
public static partial class PageWalker
{
    /// <summary>What happens to Accessed and Dirty bits.</summary>
    internal interface IMarks<TMemory>
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        /// <summary>Whether entries are written at all.</summary>
        static abstract bool Writes { get; }

        /// <summary>Replaces an entry by itself with the bits set.</summary>
        /// <returns>False if another writer changed it first.</returns>
        static abstract bool TrySet(scoped ref TMemory memory, PhysicalAddress entry, ulong found, ulong bits);
    }

    /// <summary>Who wants to know the entries passed.</summary>
    internal interface ITrace
    {
        void Add(PagingLevel level, PhysicalAddress address, ulong entry);

        void Restart();
    }

    /// <summary>What kind of address is walked.</summary>
    internal interface IForm
    {
        /// <summary>Whether the tables can translate the address at all.</summary>
        static abstract bool IsWalked(VirtualAddress address, PagingMode mode);
    }

    internal readonly struct LinearForm : IForm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool IsWalked(VirtualAddress address, PagingMode mode) => address.IsCanonicalUnchecked(mode);
    }

    internal readonly struct LeaveMarks<TMemory> : IMarks<TMemory>
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        public static bool Writes => false;

        public static bool TrySet(scoped ref TMemory memory, PhysicalAddress entry, ulong found, ulong bits) => true;
    }

    internal readonly struct SetMarks<TMemory> : IMarks<TMemory>
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
    {
        public static bool Writes => true;

        public static bool TrySet(scoped ref TMemory memory, PhysicalAddress entry, ulong found, ulong bits) =>
            memory.TryCompareExchange(entry, found | bits, found, out ulong prior) && prior == found;
    }

    internal struct NoTrace : ITrace
    {
        public readonly void Add(PagingLevel level, PhysicalAddress address, ulong entry)
        {
        }

        public readonly void Restart()
        {
        }
    }

    internal struct EntryTrace : ITrace
    {
        public WalkTrace Steps;

        public void Add(PagingLevel level, PhysicalAddress address, ulong entry) => Steps.Add(new WalkStep(level, address, new(entry)));

        public void Restart() => Steps.Clear();
    }
}
