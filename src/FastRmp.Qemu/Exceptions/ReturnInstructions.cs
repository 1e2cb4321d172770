using System;
using System.Threading;

namespace FastRmp.Qemu;

/// <summary>Where the kernel has an IRETQ: the way to give a processor flags is to let it return to them.</summary>
/// <remarks>The emulator keeps arithmetic flags where its interface does not reach: what the interface writes is added to those that every
/// later interrupt saves. An IRETQ loads all of them from a frame in memory. Any threads.</remarks>
internal sealed class ReturnInstructions
{
    private const int Most = 256; // those of guests' kernels, which no callback tells from the host's, push none of its out
    private static readonly byte[] Code = [0x48, 0xCF];
    private readonly Lock _gate = new();
    private ulong[] _places = [];

    /// <summary>Whether bytes are one.</summary>
    internal static bool Is(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Code);

    /// <summary>The emulator translated one of the kernel's: a program's may not be used.</summary>
    internal void Add(ulong address)
    {
        lock (_gate)
        {
            if (Array.IndexOf(_places, address) < 0) Put(address, _places);
        }
    }

    /// <summary>Puts one before the others: the next search ends there.</summary>
    private void Put(ulong address, ReadOnlySpan<ulong> others)
    {
        ulong[] places = [address, .. others[..int.Min(others.Length, Most - 1)]];
        Volatile.Write(ref _places, places);
    }

    /// <summary>Finds one that is there and that the kernel may execute.</summary>
    /// <param name="ram">The RAM.</param>
    /// <param name="state">The processor, at CPL 0.</param>
    /// <param name="address">Its address.</param>
    internal bool TryFind(GuestRam ram, in GuestState state, out ulong address)
    {
        Span<byte> bytes = stackalloc byte[Code.Length];
        ulong[] places = Volatile.Read(ref _places);
        foreach (ulong place in places)
        {
            address = place;
            if (!VirtualMemory.TryFetch(ram, state, place, bytes) || !bytes.SequenceEqual(Code)) continue;
            if (place == places[0]) return true;
            lock (_gate) Put(place, Array.FindAll(_places, other => other != place));
            return true;
        }

        address = 0;
        return false;
    }
}
