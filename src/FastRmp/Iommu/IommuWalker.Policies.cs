using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Iommu;

/// <content>The parts of a walk that its callers choose, as type arguments that the JIT folds away; how bits are set is that of <see cref="Paging.PageWalker"/>.</content>
public static partial class IommuWalker
{
    /// <summary>Who wants to know the entries passed.</summary>
    private interface ITrace
    {
        void Add(int level, PhysicalAddress address, ulong entry);

        void Restart();
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
