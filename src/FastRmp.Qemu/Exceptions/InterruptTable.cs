using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace FastRmp.Qemu;

/// <summary>An interrupt descriptor table, from the instruction that loaded it on: where in RAM its gates are. What they hold is read when
/// it is asked for, because a kernel fills its table after loading it.</summary>
/// <remarks>AMD64 APM vol. 2, 8.9.1.</remarks>
internal sealed class InterruptTable
{
    private const int GateBytes = 16;
    private const byte InterruptGateType = 14;
    private const byte TrapGateType = 15;
    private const int Gates = 15; // up to #PF
    private readonly ulong _base;
    private readonly ulong[] _places;

    private InterruptTable(ulong start, ulong[] places)
    {
        _base = start;
        _places = places;
    }

    /// <summary>Finds the gates of a table that is being loaded.</summary>
    /// <param name="ram">The RAM.</param>
    /// <param name="state">The processor.</param>
    /// <param name="address">The table's address.</param>
    /// <param name="table">The table, or null.</param>
    /// <returns>False if a gate is not in RAM.</returns>
    internal static bool TryFind(GuestRam ram, in GuestState state, ulong address, [NotNullWhen(true)] out InterruptTable? table)
    {
        table = null;
        ulong[] places = new ulong[Gates];
        for (int i = 0; i < Gates; i++)
        {
            if (!VirtualMemory.TryTranslate(ram, state, address + (ulong)(i * GateBytes), out places[i])) return false;
        }

        table = new InterruptTable(address, places);
        return true;
    }

    /// <summary>Whether it is the same table, in the same place.</summary>
    internal bool Equals(InterruptTable other) => _base == other._base && _places.AsSpan().SequenceEqual(other._places);

    /// <summary>Reads a gate.</summary>
    /// <returns>False unless it is one that leads somewhere.</returns>
    internal bool TryGate(GuestRam ram, ExceptionVector vector, out InterruptGate gate)
    {
        ReadOnlySpan<byte> bytes = ram.Bytes(_places[(int)vector], GateBytes);
        gate = bytes.IsEmpty
            ? default
            : new InterruptGate(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(ulong)..]));
        return gate.Present && gate.Type is InterruptGateType or TrapGateType;
    }

    /// <summary>Whether a gate clears IF.</summary>
    internal static bool Masks(InterruptGate gate) => gate.Type == InterruptGateType;
}
