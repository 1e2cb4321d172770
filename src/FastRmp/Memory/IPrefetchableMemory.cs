namespace FastRmp;

/// <summary>Physical memory that can be told what will be read soon, so that the cache misses of independent reads overlap.</summary>
/// <remarks>What <see cref="Paging.PageWalker"/>'s batches need of a memory. One that has nothing to gain from a hint does
/// nothing.</remarks>
public interface IPrefetchableMemory : IPhysicalMemory
{
    /// <summary>Brings the cache line of a quadword closer, if the memory holds it. Changes no result, and never fails.</summary>
    /// <param name="address">Any address.</param>
    void Prefetch(PhysicalAddress address);
}
