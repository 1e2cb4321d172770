using System;
using System.Runtime.InteropServices;
using Xunit;

namespace FastRmp.Native.Tests.Support;

/// <summary>RAM with random tables in it, for walks of the library and of the ABI: two copies, since walks write.</summary>
internal sealed unsafe class TestMachine : IDisposable
{
    internal const ulong RamBytes = 64 << 12;

    private readonly PinnedMemory _own = PinnedMemory.Allocate(RamBytes);
    private readonly PinnedMemory _other = PinnedMemory.Allocate(RamBytes);

    /// <summary>Makes it.</summary>
    /// <param name="seed">Of the tables.</param>
    /// <param name="pieces">1, or in how many pieces the ABI gets the RAM.</param>
    internal TestMachine(int seed, int pieces)
    {
        Abi.Start();
        Random random = new(seed);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(_own.Span(0, (int)RamBytes));
        for (int i = 0; i < words.Length; i++) words[i] = Entry(random);
        _own.Span(0, (int)RamBytes).CopyTo(_other.Span(0, (int)RamBytes));
        MemoryPiece* segments = stackalloc MemoryPiece[pieces];
        ulong each = RamBytes / (ulong)pieces;
        for (int i = 0; i < pieces; i++)
        {
            segments[i] = new MemoryPiece { Start = each * (ulong)i, Length = each, Pointer = _other.Pointer + (each * (ulong)i) };
        }

        ulong handle;
        Twin.Require(Abi.MemoryCreate(segments, (ulong)pieces, &handle));
        Handle = handle;
    }

    /// <summary>The ABI's.</summary>
    internal ulong Handle { get; }

    /// <summary>The library's.</summary>
    internal PinnedMemoryView View() => _own.View(default);

    /// <summary>Requires that both hold the same.</summary>
    internal void RequireSame() => Assert.True(
        _own.Span(0, (int)RamBytes).SequenceEqual(_other.Span(0, (int)RamBytes)), "The memories differ.");

    /// <summary>Registers of long mode.</summary>
    internal static PagingRegisters Registers(Random random, bool isEncrypted) => new()
    {
        Size = (uint)sizeof(PagingRegisters),
        Cr0 = 0x8000_0001 | (random.Next(4) == 0 ? 0UL : 0x1_0000),
        Cr3 = (ulong)random.Next(64) << 12,
        Cr4 = 0x20 | ((ulong)random.Next(2) << 20) | ((ulong)random.Next(2) << 21) | ((ulong)random.Next(2) << 22),
        Efer = 0x500 | ((ulong)random.Next(2) << 11),
        Pkru = (uint)random.Next(),
        EncryptionBit = isEncrypted ? 51U : 0,
        AddressReduction = isEncrypted ? 6U : 0,
        Processor = new ProcessorChoice { Preset = 1 },
    };

    /// <summary>An address that mostly stays in the lower tables.</summary>
    internal static ulong Address(Random random) =>
        random.Next(20) == 0 ? (ulong)random.NextInt64() : (ulong)random.NextInt64(1L << 48) >> random.Next(2) << random.Next(2);

    /// <summary>A word of an access.</summary>
    internal static uint Access(Random random, bool updates) =>
        (uint)random.Next(3) | ((uint)random.Next(8) << 2) | (updates ? AccessWord.Updates : 0);

    public void Dispose()
    {
        Twin.Require(Abi.Destroy(Handle));
        _own.Dispose();
        _other.Dispose();
    }

    /// <summary>Mostly present, writable, leading into the RAM; now and then a large page, a missing entry, or reserved bits.</summary>
    private static ulong Entry(Random random)
    {
        ulong entry = ((ulong)random.Next(64) << 12) | 7;
        if (random.Next(12) == 0) entry &= ~(1UL << random.Next(3));
        if (random.Next(20) == 0) entry |= 1UL << random.Next(5, 13);
        if (random.Next(40) == 0) entry |= 1UL << random.Next(52, 64);
        if (random.Next(60) == 0) entry |= 1UL << random.Next(18, 52);
        if (random.Next(4) == 0) entry |= 1UL << 51;
        return entry;
    }
}
