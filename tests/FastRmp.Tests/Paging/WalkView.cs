namespace FastRmp.Tests.Paging;

/// <summary>A walker's view of <see cref="WalkMemory"/>.</summary>
internal readonly struct WalkView(WalkMemory memory) : IMutablePhysicalMemory, IPrefetchableMemory
{
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        bool there = memory.Holds(address.Value);
        value = there ? memory[address.Value] : 0;
        return there;
    }

    public void Prefetch(PhysicalAddress address)
    {
    }

    public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior)
    {
        bool there = memory.Holds(address.Value);
        prior = there ? memory.Exchange(address.Value, value, comparand) : 0;
        return there;
    }
}
