using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using FastRmp.Paging;

namespace FastRmp.Tests.Paging;

/// <summary>A copy of the paging structures of a real kernel, and what the emulator that ran it listed.</summary>
internal sealed class LinuxImage : IDisposable
{
    private readonly PinnedMemory _bytes;

    internal LinuxImage()
    {
        using PinnedMemory file = PinnedMemory.OpenFile(Fixture("core.elf"));
        _bytes = PinnedMemory.Allocate((file.Length + 0xFFF) & ~0xFFFUL);
        file.ReadOnlySpan(0, (int)file.Length).CopyTo(_bytes.Span(0, (int)file.Length));
        Memory = Load(_bytes);
    }

    /// <summary>The registers of processor 0, as control-registers.txt has them.</summary>
    internal static PagingState State { get; } = PagingState.FromRegisters(
        new ControlRegisters(0x8005_0033, new Cr3(0x1_0086_8000), 0x0075_0EF0, 0xD01), ProcessorModel.Genoa);

    internal SparsePhysicalMemory Memory { get; }

    public void Dispose() => _bytes.Dispose();

    /// <summary>A quadword of the image.</summary>
    internal ulong? Read(ulong address)
    {
        SparseMemoryView view = Memory.View();
        return view.TryRead(PhysicalAddress.CreateUnchecked(address), out ulong value) ? value : null;
    }

    /// <summary>Changes a quadword of the image.</summary>
    internal void Write(ulong address, ulong value)
    {
        foreach (MemorySegment segment in Memory.Segments)
        {
            if (address < segment.Start.Value || address >= segment.End) continue;
            BinaryPrimitives.WriteUInt64LittleEndian(_bytes.Span(segment.Offset + (address - segment.Start.Value), sizeof(ulong)), value);
            return;
        }
    }

    // ELF64: program headers at [0x20], their size and number at [0x36]; of each: type at 0, offset at 8, physical address at 0x18, bytes
    // in the file at 0x20.
    private static SparsePhysicalMemory Load(PinnedMemory bytes)
    {
        ReadOnlySpan<byte> elf = bytes.ReadOnlySpan(0, (int)bytes.Length);
        int table = (int)Quadword(elf, 0x20);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x36..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x38..]);
        List<MemorySegment> segments = [];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = elf.Slice(table + (i * size), size);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != 1) continue;
            segments.Add(new MemorySegment(PhysicalAddress.Create(Quadword(header, 0x18)), Quadword(header, 8), Quadword(header, 0x20)));
        }

        return new SparsePhysicalMemory(bytes, [.. segments]);
    }

    internal static ulong Quadword(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "linux-4level", name);

    /// <summary>The emulator's lines: address, target, flags.</summary>
    internal static IEnumerable<(ulong Va, ulong Pa, string Flags)> Listing()
    {
        using FileStream file = File.OpenRead(Fixture("info-tlb.txt.gz"));
        using GZipStream unpacked = new(file, CompressionMode.Decompress);
        using StreamReader reader = new(unpacked);
        while (reader.ReadLine() is { } line)
        {
            yield return (Hex(line.AsSpan(0, 16)), Hex(line.AsSpan(18, 16)), line[35..44]);
        }
    }

    private static ulong Hex(ReadOnlySpan<char> digits) => ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
