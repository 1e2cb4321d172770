using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Memory;

namespace FastRmp.Iommu;

/// <content>The parts of a walk that its callers choose, as type arguments that the JIT folds away.</content>
public static partial class IommuWalker
{
    /// <summary>What happens to Accessed and Dirty bits.</summary>
    private interface IMarks<TMemory>
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        /// <summary>Whether entries are written at all.</summary>
        static abstract bool Writes { get; }

        /// <summary>Replaces an entry by itself with the bits set.</summary>
        /// <returns>False if another writer changed it first.</returns>
        static abstract bool TrySet(scoped ref TMemory memory, PhysicalAddress entry, ulong found, ulong bits);
    }

    /// <summary>Who wants to know the entries passed.</summary>
    private interface ITrace
    {
        void Add(int level, PhysicalAddress address, ulong entry);

        void Restart();
    }

    private readonly struct LeaveMarks<TMemory> : IMarks<TMemory>
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        public static bool Writes => false;

        public static bool TrySet(scoped ref TMemory memory, PhysicalAddress entry, ulong found, ulong bits) => true;
    }

    private readonly struct SetMarks<TMemory> : IMarks<TMemory>
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
    {
        public static bool Writes => true;

        public static bool TrySet(scoped ref TMemory memory, PhysicalAddress entry, ulong found, ulong bits) =>
            memory.TryCompareExchange(entry, found | bits, found, out ulong prior) && prior == found;
    }

    private struct NoTrace : ITrace
    {
        public readonly void Add(int level, PhysicalAddress address, ulong entry)
        {
        }

        public readonly void Restart()
        {
        }
    }

    private struct EntryTrace : ITrace
    {
        public IoWalkTrace Steps;

        public void Add(int level, PhysicalAddress address, ulong entry) => Steps.Add(new IoWalkStep(level, address, new IoPageTableEntry(entry)));

        public void Restart() => Steps.Clear();
    }
}
