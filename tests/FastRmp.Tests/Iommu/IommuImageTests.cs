using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>
/// The I/O page tables that a real kernel wrote, against the mappings that its own trace says are live; then the same tables with bits
/// flipped.
/// </summary>
public sealed class IommuImageTests : IDisposable
{
    // What mmio.txt of the machine has as the register's value.
    private static readonly IommuState Iommu = new(0x0000_0000_0100_0001UL);

    private readonly PinnedMemory _file = PinnedMemory.OpenFile(Path.Combine(AppContext.BaseDirectory, "Fixtures", "amd-vi", "core.elf"));

    public void Dispose() => _file.Dispose();

    [Fact]
    public void The_listing_equals_the_kernels_mappings_row_for_row()
    {
        List<string> rows = [];
        SparseMemoryView memory = Memory().View();
        for (int id = 0; id < Iommu.Entries; id++)
        {
            if (!IommuWalker.TryLookup(ref memory, Iommu, new DeviceId((ushort)id), out DeviceTableEntry entry, out _)) continue;
            IoMappingEnumerator<SparseMemoryView> mappings = new(memory, entry);
            while (mappings.MoveNext())
            {
                IoMapping found = mappings.Current;
                rows.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"0x{id:x4}\t{entry.DomainId}\t{entry.Mode}\t{found.DeviceAddress}\t{found.Address}\t{found.Size}\t{(int)(found.Rights & DmaRights.Read)}\t{(int)(found.Rights & DmaRights.Write) >> 1}"));
            }

            Assert.Equal((0L, 0L, 0L), (mappings.AbsentTables, mappings.InconsistentSlots, mappings.MalformedEntries));
        }

        Assert.Equal(266, rows.Count);
        Assert.Equal(Rows()[1..], rows);
    }

    [Fact]
    public void Every_mapping_is_where_a_walk_ends()
    {
        SparseMemoryView memory = Memory().View();
        foreach (string row in Rows()[1..])
        {
            string[] cells = row.Split('\t');
            DeviceId device = new((ushort)Hex(cells[0]));
            ulong size = ulong.Parse(cells[5], CultureInfo.InvariantCulture);
            foreach (ulong offset in new ulong[] { 0, 0xFFF, size - 1 })
            {
                foreach (bool isWrite in new[] { false, true })
                {
                    IommuWalkResult result = IommuWalker.Translate(
                        ref memory, Iommu, device, new DeviceAddress(Hex(cells[3]) + offset), isWrite);
                    Assert.Equal(Hex(cells[4]) + offset, result.Address.Value);
                    Assert.Equal(size, result.Size);
                    Assert.Equal(cells[isWrite ? 7 : 6] == "1" ? IommuStatus.Mapped : IommuStatus.RightsViolation, result.Status);
                }
            }
        }
    }

    [Fact]
    public void Tables_with_flipped_bits_agree_with_the_reference()
    {
        (WalkMemory memory, List<ulong> used) = Compact();
        WalkView view = new(memory);
        IommuState iommu = new(memory.Start);
        ulong[] original = memory.Words.ToArray();
        Random random = new(41);
        string[] rows = Rows();
        for (int round = 0; round < 150; round++)
        {
            original.CopyTo(memory.Words);
            for (int flips = random.Next(1, 40); flips > 0; flips--)
            {
                int bit = random.Next(62);
                if (bit is 5 or 6) continue; // Accessed and Dirty: the listing takes entries for equal that differ there
                memory[used[random.Next(used.Count)]] ^= 1UL << bit;
            }

            for (int i = 0; i < 60; i++)
            {
                string[] cells = rows[random.Next(1, rows.Length)].Split('\t');
                ulong iova = Hex(cells[3]) + ((ulong)random.Next(32) << 12) + (ulong)random.Next(4096);
                if (random.Next(8) == 0) iova ^= 1UL << random.Next(52);
                _ = IommuComparison.Translate(ref view, memory.Read, iommu, (ushort)Hex(cells[0]), iova, isWrite: i % 2 == 0);
            }

            _ = IommuComparison.List(ref view, memory.Read, iommu, 0x18);
            _ = IommuComparison.List(ref view, memory.Read, iommu, 0x20);
        }
    }

    /// <summary>
    /// The image's pages moved together, so that flipped addresses often hit one: all tables in a block at the device table's place, with
    /// the pointers adjusted.
    /// </summary>
    private (WalkMemory Memory, List<ulong> Used) Compact()
    {
        List<ulong> pages = [Iommu.TableAddress.Value, Iommu.TableAddress.Value + 0x1000];
        SparseMemoryView view = Memory().View();
        foreach (ushort device in new ushort[] { 0x18, 0x20 })
        {
            Assert.True(IommuWalker.TryLookup(ref view, Iommu, new DeviceId(device), out DeviceTableEntry entry, out _));
            Collect(ref view, entry.Root.Value, entry.Mode, pages);
        }

        WalkMemory memory = new(0x100_0000, pages.Count);
        List<ulong> used = [];
        for (int page = 0; page < pages.Count; page++)
        {
            for (ulong offset = 0; offset < 0x1000; offset += 8)
            {
                Assert.True(view.TryRead(PhysicalAddress.Create(pages[page] + offset), out ulong word));
                int target = pages.IndexOf(word & 0x000F_FFFF_FFFF_F000UL);
                if (target >= 2) word = (word & ~0x000F_FFFF_FFFF_F000UL) | (memory.Start + ((ulong)target * 0x1000));
                ulong at = memory.Start + ((ulong)page * 0x1000) + offset;
                memory[at] = word;
                bool isDevice = page == 0 && offset is 0x18 * 32 or 0x20 * 32;
                if (isDevice || (page >= 2 && word != 0)) used.Add(at);
            }
        }

        Assert.True(used.Count > 266);
        return (memory, used);
    }

    private static void Collect(ref SparseMemoryView view, ulong table, int level, List<ulong> pages)
    {
        if (pages.Contains(table)) return;
        pages.Add(table);
        for (ulong offset = 0; offset < 0x1000 && level > 1; offset += 8)
        {
            if (view.TryRead(PhysicalAddress.Create(table + offset), out ulong word) && (word & 1) != 0)
            {
                Collect(ref view, word & 0x000F_FFFF_FFFF_F000UL, level - 1, pages);
            }
        }
    }

    // ELF64: program headers at [0x20], their size and number at [0x36]; of each: type at 0, offset at 8, physical address at 0x18, bytes
    // in the file at 0x20.
    private SparsePhysicalMemory Memory()
    {
        ReadOnlySpan<byte> elf = _file.ReadOnlySpan(0, (int)_file.Length);
        int table = (int)LinuxImage.Quadword(elf, 0x20);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x36..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x38..]);
        List<MemorySegment> segments = [];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = elf.Slice(table + (i * size), size);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != 1) continue;
            segments.Add(
                new MemorySegment(
                    PhysicalAddress.Create(LinuxImage.Quadword(header, 0x18)), LinuxImage.Quadword(header, 8),
                    LinuxImage.Quadword(header, 0x20)));
        }

        return new SparsePhysicalMemory(_file, [.. segments]);
    }

    private static string[] Rows() => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Fixtures", "amd-vi", "mappings.tsv"));

    private static ulong Hex(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
