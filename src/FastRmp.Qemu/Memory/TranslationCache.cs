using System;
using System.Runtime.CompilerServices;

namespace FastRmp.Qemu;

/// <summary>Where the pages are that a processor stored to of late: its translation buffer, valid as long as hardware's would be, until a
/// control register is loaded or translations are flushed. Used by the thread that executes the processor.</summary>
/// <remarks>What it answers may be older than the tables, as on hardware: an answer that forbids something is asked of the tables
/// again.</remarks>
internal sealed class TranslationCache
{
    private const int Entries = 256;
    private const int PageBits = 12;
    private const ulong Generations = (1UL << PageBits) - 1;

    private readonly ulong[] _pages = new ulong[Entries]; // virtual, and the generation below
    private readonly ulong[] _frames = new ulong[Entries];
    private ulong _generation = 1; // 0 is that of no entry

    /// <summary>Finds the page frame behind an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryFind(ulong address, out ulong frame)
    {
        int index = (int)(address >> PageBits) & (Entries - 1);
        frame = _frames[index];
        return _pages[index] == ((address & ~Generations) | _generation);
    }

    /// <summary>Keeps one.</summary>
    internal void Add(ulong address, ulong frame)
    {
        int index = (int)(address >> PageBits) & (Entries - 1);
        _pages[index] = (address & ~Generations) | _generation;
        _frames[index] = frame;
    }

    /// <summary>Forgets all.</summary>
    internal void Flush()
    {
        if (_generation < Generations)
        {
            _generation++;
            return;
        }

        Array.Clear(_pages);
        _generation = 1;
    }
}
