namespace FastRmp;

/// <summary>Physical memory that a walker reads paging structures from.</summary>
/// <remarks>Implement it as a <c>struct</c> (a <c>ref struct</c> is allowed) and pass it as a type argument: the walk is then compiled for
/// it, without dispatch.</remarks>
public interface IPhysicalMemory
{
    /// <summary>Reads one quadword, atomically.</summary>
    /// <param name="address">Byte address, a multiple of 8, which is not checked.</param>
    /// <param name="value">The quadword, or zero.</param>
    /// <returns>False if the memory does not hold all eight bytes.</returns>
    bool TryRead(PhysicalAddress address, out ulong value);
}
