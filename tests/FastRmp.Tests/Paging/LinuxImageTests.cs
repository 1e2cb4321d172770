using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Memory;
using FastRmp.Model;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>The paging structures of a real kernel against what the emulator that ran it listed.</summary>
public sealed class LinuxImageTests : IDisposable
{
    private const int Lines = 76_715;

    // The registers of processor 0, as control-registers.txt has them.
    private static readonly PagingState State = PagingState.FromRegisters(
        new Cr0(0x8005_0033), new Cr3(0x1_0086_8000), new Cr4(0x0075_0EF0), new Efer(0xD01), ProcessorModel.Genoa);

    private readonly PinnedMemory _file = PinnedMemory.OpenFile(Fixture("core.elf"));

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Every_address_of_the_listing_translates_to_its_target()
    {
        SparseMemoryView memory = Memory().View();
        int lines = 0;
        foreach ((ulong va, ulong pa, string flags) in Listing())
        {
            lines++;
            bool large = flags[2] == 'P';
            ulong last = (large ? 0x20_0000UL : 0x1000UL) - 1;
            foreach (ulong inside in new[] { 0UL, last })
            {
                Translation result = PageWalker.Translate(ref memory, State, new VirtualAddress(va + inside), MemoryAccess.KernelRead with { MayTouchUserPages = true });
                Assert.True(result.IsMapped, $"{va:x}: {result}");
                Assert.Equal(pa + inside, result.Address.Value);
                Assert.Equal(large ? PageSize.Size2M : PageSize.Size4K, result.Size);
                Assert.True(flags[0] != 'X' || (result.Rights & PagingRights.Execute) == 0, $"{va:x}");
            }
        }

        Assert.Equal(Lines, lines);
    }

    [Fact]
    public void The_enumerator_lists_the_same_leaves_in_the_same_order()
    {
        MappingEnumerator<SparseMemoryView> mappings = new(Memory().View(), State);
        foreach ((ulong va, ulong pa, string flags) in Listing())
        {
            Assert.True(mappings.MoveNext());
            Assert.Equal(va, mappings.Current.VirtualAddress.Value);
            Assert.Equal(pa, mappings.Current.Address.Value);
            Assert.Equal(flags[2] == 'P' ? PageSize.Size2M : PageSize.Size4K, mappings.Current.Size);
            Assert.Equal(flags[0] == 'X', mappings.Current.Leaf.NoExecute);
            Assert.Equal(flags[3] == 'D', mappings.Current.Leaf.Dirty);
            Assert.Equal(flags[8] == 'W', mappings.Current.Leaf.Writable);
        }

        Assert.False(mappings.MoveNext());
        Assert.Equal(0, mappings.AbsentTables);
    }

    // ELF64: program headers at [0x20], their size and number at [0x36]; of each: type at 0, offset at 8, physical address at 0x18, bytes in the file at 0x20.
    private SparsePhysicalMemory Memory()
    {
        ReadOnlySpan<byte> elf = _file.ReadOnlySpan(0, (int)_file.Length);
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

        return new SparsePhysicalMemory(_file, [.. segments]);
    }

    private static ulong Quadword(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "linux-4level", name);

    private static IEnumerable<(ulong Va, ulong Pa, string Flags)> Listing()
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
