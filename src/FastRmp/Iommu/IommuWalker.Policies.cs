namespace FastRmp.Iommu;

/// <content>The parts of a walk that its callers choose, as type arguments that the JIT folds away; how bits are set is that of
/// <see cref="Paging.PageWalker"/>.</content>
public static partial class IommuWalker
{
    /// <summary>Who wants to know the entries passed.</summary>
    private interface ITrace
    {
        /// <summary>Of host (v1) tables; whether they are walked for a guest physical address is known from <see cref="Enter"/>.</summary>
        void Add(int level, PhysicalAddress address, ulong entry);

        void AddGuest(IommuStage stage, int level, PhysicalAddress address, ulong entry, PhysicalAddress guestAddress);

        /// <summary>From here on host tables are walked for guest physical addresses.</summary>
        void Enter();

        void Restart();
    }

    private struct NoTrace : ITrace
    {
        public readonly void Add(int level, PhysicalAddress address, ulong entry)
        {
        }

        public readonly void AddGuest(IommuStage stage, int level, PhysicalAddress address, ulong entry, PhysicalAddress guestAddress)
        {
        }

        public readonly void Enter()
        {
        }

        public readonly void Restart()
        {
        }
    }

    private struct EntryTrace : ITrace
    {
        public IoWalkTrace Steps;

        private IommuStage _host;

        public void Add(int level, PhysicalAddress address, ulong entry) => Steps.Add(new IoWalkStep(_host, level, address, entry));

        public void AddGuest(IommuStage stage, int level, PhysicalAddress address, ulong entry, PhysicalAddress guestAddress) =>
            Steps.Add(new IoWalkStep(stage, level, address, entry, GuestPhysicalAddress.CreateUnchecked(guestAddress.Value)));

        public void Enter() => _host = IommuStage.Nested;

        public void Restart() => Steps.Clear();
    }
}
