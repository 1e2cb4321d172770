using System;

namespace FastRmp.Benchmarks.Data;

/// <summary>Addresses in random order, computed once, in memory that both sides read.</summary>
internal sealed unsafe class RandomAddresses : IDisposable
{
    private readonly PinnedMemory _memory;

    /// <summary>Draws addresses.</summary>
    /// <param name="count">How many, a multiple of 512 or less than 512.</param>
    /// <param name="start">Added to each.</param>
    /// <param name="slots">They are multiples of the step below this many steps.</param>
    /// <param name="step">Bytes.</param>
    /// <param name="seed">Seed.</param>
    internal RandomAddresses(int count, ulong start, int slots, ulong step, int seed)
    {
        _memory = PinnedMemory.Allocate(((ulong)count * sizeof(ulong) + 0xFFFUL) & ~0xFFFUL);
        Random random = new(seed);
        for (int i = 0; i < count; i++)
        {
            Pointer[i] = start + ((ulong)random.Next(slots) * step);
        }
    }

    internal ulong* Pointer => (ulong*)_memory.Pointer;

    public void Dispose() => _memory.Dispose();
}
