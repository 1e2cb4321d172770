namespace FastRmp;

/// <summary>Physical memory that takes hints about what will be read soon, so that the cache misses of independent reads overlap.</summary>
/// <remarks>Required by batches of walks. An implementation for which a hint has no use does
/// nothing.</remarks>
public interface IPrefetchableMemory : IPhysicalMemory
{
    /// <summary>Prefetches the cache line of a quadword, if the memory holds it. Changes no result, and never fails.</summary>
    /// <param name="address">Any address.</param>
    void Prefetch(PhysicalAddress address);
}
