namespace FastRmp;

/// <summary>Physical memory that a walker may also change: it sets Accessed and Dirty bits as hardware does, by a locked
/// compare-exchange.</summary>
public interface IMutablePhysicalMemory : IPhysicalMemory
{
    /// <summary>Replaces one quadword if it still has the value expected.</summary>
    /// <param name="address">Byte address, a multiple of 8.</param>
    /// <param name="value">The new quadword.</param>
    /// <param name="comparand">The quadword expected.</param>
    /// <param name="prior">The quadword found; equal to <paramref name="comparand"/> if the exchange took place.</param>
    /// <returns>False if the memory does not hold all eight bytes.</returns>
    bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior);
}
