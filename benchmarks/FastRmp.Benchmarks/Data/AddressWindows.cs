using System;

namespace FastRmp.Benchmarks.Data;

/// <summary>Random addresses, so many that no call repeats soon what another one asked for.</summary>
internal sealed unsafe class AddressWindows : IDisposable
{
    /// <summary>Addresses of one call.</summary>
    internal const int Length = 65_536;

    private readonly PinnedMemory _memory;
    private readonly int _windows;
    private int _window;

    /// <summary>Draws addresses: any bits; a generator that fills millions in milliseconds.</summary>
    /// <param name="windows">How many calls it takes to begin again.</param>
    /// <param name="within">The bits that may be set.</param>
    internal AddressWindows(int windows, ulong within)
    {
        ulong count = (ulong)windows * Length;
        _windows = windows;
        _memory = PinnedMemory.Allocate(count * sizeof(ulong));
        ulong* addresses = (ulong*)_memory.Pointer;
        ulong state = 0x9E37_79B9_7F4A_7C15UL;
        for (ulong i = 0; i < count; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            addresses[i] = (state >> 10) & within;
        }
    }

    /// <summary>The addresses of the next call.</summary>
    internal ulong* Next()
    {
        ulong* addresses = (ulong*)_memory.Pointer + ((ulong)_window * Length);
        _window = (_window + 1) % _windows;
        return addresses;
    }

    internal void Rewind() => _window = 0;

    public void Dispose() => _memory.Dispose();
}
