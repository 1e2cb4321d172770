using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Elf;

public class ElfCoreTests
{
    private static readonly byte[] Page = InputStreamTests.MakePlain(4096);

    [Fact]
    public void Memory_lies_where_the_program_headers_say()
    {
        using MemoryImage core = Open(new CoreBuilder().Load(0x3000, Page).Load(0x1000, Page[..16]).Build());
        Assert.Equal(0, core.Problems.Count);
        byte[] read = new byte[4096];
        Assert.Equal(4096, core.Memory.Read(PhysicalAddress.Create(0x3000), read));
        Assert.Equal(Page, read);
        Assert.Equal(16, core.Memory.Read(PhysicalAddress.Create(0x1000), read));
        Assert.Equal(0, core.Memory.Read(PhysicalAddress.Create(0x2000), read));
        Assert.True(core.Cpus.IsEmpty);
        Assert.Null(core.VmCoreInfo);
    }

    [Fact]
    public void More_memory_than_file_leaves_the_rest_absent()
    {
        using MemoryImage core = Open(new CoreBuilder().Load(0x1000, Page, memorySize: 0x4000).Build());
        Assert.Equal(0, core.Problems.Count);
        Assert.Equal(0x2000UL, core.Memory.Segments[0].End);
    }

    [Fact]
    public void A_segment_that_passes_the_end_of_the_file_keeps_its_beginning()
    {
        byte[] file = new CoreBuilder().Load(0x1000, Page).Load(0x8000, Page).Build();
        using MemoryImage core = Open(file[..^100]);
        Assert.Equal(2, core.Memory.Segments.Length);
        Assert.Equal(0x8000UL + 4096 - 100, core.Memory.Segments[1].End);
        InputProblem problem = Only(core);
        Assert.Equal(64UL + 56, problem.Offset);
        Assert.StartsWith(
            "in: at offset 0x78: PT_LOAD at 0x8000 needs 0x1000 bytes at 0x10b0, and the file ends at 0x204c", problem.ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 4095)]
    [InlineData(0x10_0000UL)]
    public void A_segment_outside_the_file_is_left_out(ulong offset)
    {
        using MemoryImage core = Open(new CoreBuilder().Load(0x1000, Page).Load(0x8000, [], fileSize: 4096, offset: offset).Build());
        Assert.Equal(1, core.Memory.Segments.Length);
        Assert.Contains("PT_LOAD at 0x8000", Only(core).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x000F_FFFF_FFFF_F001UL)]
    [InlineData(0x0010_0000_0000_0000UL)]
    [InlineData(0xFFFF_FFFF_FFFF_F000UL)]
    public void A_segment_above_the_physical_address_space_is_left_out(ulong physical)
    {
        using MemoryImage core = Open(new CoreBuilder().Load(0x1000, Page).Load(physical, Page).Build());
        Assert.Equal(1, core.Memory.Segments.Length);
        Assert.Contains("52-bit", Only(core).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_page_of_the_physical_address_space_is_memory()
    {
        using MemoryImage core = Open(new CoreBuilder().Load(0x000F_FFFF_FFFF_F000UL, Page).Build());
        Assert.Equal(0, core.Problems.Count);
        Assert.Equal(1UL << 52, core.Memory.Segments[0].End);
    }

    [Fact]
    public void A_segment_without_physical_address_is_skipped()
    {
        using MemoryImage core = Open(new CoreBuilder().Load(ulong.MaxValue, Page).Load(0x1000, Page).Build());
        Assert.Equal(0, core.Problems.Count);
        Assert.Equal(1, core.Memory.Segments.Length);
    }

    [Fact]
    public void Segments_that_put_other_bytes_at_one_address_are_a_problem_and_the_rest_of_both_is_kept()
    {
        byte[] other = new byte[4096];
        using MemoryImage core = Open(new CoreBuilder().Load(0x1000, Page).Load(0x1800, other).Load(0x1100, other[..16]).Build());
        Assert.Equal(2, core.Problems.Count);
        Assert.Equal(64UL + (2 * 56), core.Problems.First[0].Offset);
        Assert.Equal(64UL + 56, core.Problems.First[1].Offset);
        Assert.Equal(
            "PT_LOAD at 0x1100 overlaps the one at 0x1000 with other bytes, the first at 0x1100; those of the lower one are used",
            core.Problems.First[0].Reason);
        Assert.Equal(
            "PT_LOAD at 0x1800 overlaps the one at 0x1000 with other bytes, the first at 0x1800; those of the lower one are used",
            core.Problems.First[1].Reason);
        byte[] read = new byte[0x1800];
        Assert.Equal(0x1800, core.Memory.Read(PhysicalAddress.Create(0x1000), read));
        Assert.Equal(Page, read[..4096]);
        Assert.Equal(other[..0x800], read[4096..]);
    }

    [Fact]
    public void Segments_that_name_the_same_bytes_twice_are_no_problem()
    {
        byte[] file = new CoreBuilder()
            .Load(0x1000, Page, offset: 64 + (3 * 56))
            .Load(0x1000, [], fileSize: 4096, offset: 64 + (3 * 56))
            .Load(0x1400, [], fileSize: 64, offset: 64 + (3 * 56) + 0x400)
            .Build();
        using MemoryImage core = Open(file);
        Assert.Equal(0, core.Problems.Count);
        Assert.Equal(1, core.Memory.Segments.Length);
    }

    [Theory]
    [InlineData(0x1000, 0x2000, 0x1000, 0x2000)] // the same
    [InlineData(0x1000, 0x3000, 0x1800, 0x400)] // inside
    [InlineData(0x1800, 0x400, 0x1000, 0x3000)] // around
    [InlineData(0x1000, 0x1800, 0x2000, 0x2000)] // at the end
    [InlineData(0x2000, 0x2000, 0x1000, 0x1800)] // at the beginning
    [InlineData(0x1001, 0x7, 0x1003, 0x11)]
    public void Memory_that_is_there_twice_with_the_same_bytes_is_no_problem(ulong start, int length, ulong otherStart, int otherLength)
    {
        byte[] memory = InputStreamTests.MakePlain(0x4000);
        byte[] Of(ulong at, int count) => memory.AsSpan((int)(at - 0x1000), count).ToArray();
        using MemoryImage core = Open(
            new CoreBuilder().Load(start, Of(start, length)).Load(otherStart, Of(otherStart, otherLength)).Build());
        Assert.Equal(0, core.Problems.Count);
        ulong first = Math.Min(start, otherStart);
        int all = (int)(Math.Max(start + (ulong)length, otherStart + (ulong)otherLength) - first);
        byte[] read = new byte[all];
        Assert.Equal(all, core.Memory.Read(PhysicalAddress.Create(first), read));
        Assert.Equal(Of(first, all), read);
    }

    [Fact]
    public void Many_overlaps_are_judged_each_against_what_lies_under_it()
    {
        byte[] memory = InputStreamTests.MakePlain(0x4000);
        Random random = new(7);
        for (int round = 0; round < 300; round++)
        {
            CoreBuilder builder = new();
            byte?[] expected = new byte?[0x4000];
            List<(int Start, byte[] Bytes)> loads = [];
            for (int index = random.Next(2, 7); index > 0; index--)
            {
                int start = random.Next(0x3000);
                byte[] bytes = memory.AsSpan(start, random.Next(1, 0x1000)).ToArray();
                if (random.Next(6) == 0) bytes[random.Next(bytes.Length)] ^= 0x40;
                loads.Add((start, bytes));
                builder.Load(0x1000 + (ulong)start, bytes);
            }

            // The plain rule: in order of address, later in the file later; who comes first keeps the byte, and each segment that finds
            // another byte is reported once.
            int told = 0;
            foreach ((int start, byte[] bytes) in loads.OrderBy(static load => load.Start))
            {
                bool differs = false;
                for (int at = 0; at < bytes.Length; at++)
                {
                    differs |= expected[start + at] is { } before && before != bytes[at];
                    expected[start + at] ??= bytes[at];
                }

                if (differs) told++;
            }

            using MemoryImage core = Open(builder.Build());
            Assert.Equal(told, core.Problems.Count);
            byte[] read = new byte[1];
            for (int at = 0; at < expected.Length; at++)
            {
                int count = core.Memory.Read(PhysicalAddress.Create(0x1000 + (ulong)at), read);
                Assert.Equal(expected[at], count == 0 ? null : read[0]);
            }
        }
    }

    [Fact]
    public void Overlaps_that_together_are_longer_than_the_file_are_not_all_compared_and_reported()
    {
        byte[] page = new byte[0x1000];
        CoreBuilder builder = new CoreBuilder().Load(0, page).Load(0x10_0000, page);
        for (int index = 0; index < 100; index++)
        {
            builder.Load(0, [], fileSize: 0x1000, offset: 64 + (102 * 56) + 0x1000);
        }

        using MemoryImage core = Open(builder.Build());
        Assert.InRange(core.Problems.Count, 90, 99);
        Assert.Contains("not compared", core.Problems.First[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void More_in_the_file_than_in_memory_is_a_problem()
    {
        using MemoryImage core = Open(new CoreBuilder().Load(0x1000, Page, memorySize: 1).Build());
        Assert.Contains("only 0x1 in memory", Only(core).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_of_program_headers_may_stand_in_section_header_0()
    {
        using MemoryImage core = Open(new CoreBuilder { CountInSection = true }.Load(0x1000, Page).Load(0x5000, Page).Build());
        Assert.Equal(0, core.Problems.Count);
        Assert.Equal(2, core.Memory.Segments.Length);
        byte[] file = new CoreBuilder { CountInSection = true }.Load(0x1000, Page).Build();
        file[0x28] = 0xFF;
        file[0x2F] = 0xFF;
        Assert.Equal(0x28UL, Refused(file).Offset);
    }

    [Fact]
    public void A_core_without_memory_says_so()
    {
        using MemoryImage core = Open(new CoreBuilder().Cpu(0x1000).Build());
        Assert.Contains("no PT_LOAD", Only(core).Reason, StringComparison.Ordinal);
        Assert.Equal(1, core.Cpus.Length);
    }

    [Fact]
    public void A_header_that_is_not_that_of_an_x86_64_core_is_refused_at_its_field()
    {
        Assert.Equal(4UL, Refused(new CoreBuilder { Class = 1 }.Load(0, Page).Build()).Offset);
        Assert.Equal(5UL, Refused(new CoreBuilder { Encoding = 2 }.Load(0, Page).Build()).Offset);
        Assert.Equal(0x10UL, Refused(new CoreBuilder { Type = 2 }.Load(0, Page).Build()).Offset);
        Assert.Equal(0x12UL, Refused(new CoreBuilder { Machine = 183 }.Load(0, Page).Build()).Offset);
        Assert.Equal(0x36UL, Refused(new CoreBuilder { HeaderSize = 32 }.Load(0, Page).Build()).Offset);
        Assert.Equal(0x38UL, Refused(new CoreBuilder().Build()).Offset);
        Assert.Equal(0x20UL, Refused(new CoreBuilder { ProgramHeaders = ulong.MaxValue - 8 }.Load(0, Page).Build()).Offset);
        Assert.Equal(0UL, Refused("KD"u8.ToArray()).Offset);
        Assert.Contains("begins with 4B44", Refused("KD"u8.ToArray()).Message, StringComparison.Ordinal);
        Assert.Contains("raw memory", Refused(new byte[100]).Message, StringComparison.Ordinal);
        Assert.Contains("inside the ELF header", Refused([.. "\u007fELF"u8]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_at_any_byte_gives_what_is_there_or_a_clear_refusal()
    {
        byte[] file = new CoreBuilder()
            .Cpu(0x1000)
            .Note("VMCOREINFO", 0, [.. "A=1\n"u8])
            .Load(0x1000, Page)
            .Load(0x8000, Page[..64])
            .Build();
        ulong last = 0;
        for (int length = 1; length < file.Length; length++)
        {
            if (length < 64 + 56)
            {
                Assert.NotNull(Refused(file[..length]).Offset);
                continue;
            }

            using MemoryImage core = Open(file[..length]);
            Assert.True(core.Problems.Any);
            ulong total = 0;
            foreach (MemorySegment segment in core.Memory.Segments)
            {
                total += segment.Length;
            }

            Assert.True(total >= last, "a longer file never holds less");
            last = total;
        }

        Assert.Equal(4096UL + 63, last);
    }

    internal static MemoryImage Open(byte[] file) => MemoryImage.Read(ImageFile.Read(new MemoryStream(file), "in"));

    internal static InputProblem Only(MemoryImage core)
    {
        Assert.Equal(1, core.Problems.Count);
        return core.Problems.First[0];
    }

    private static MalformedInputException Refused(byte[] file)
    {
        MalformedInputException refusal = Assert.Throws<MalformedInputException>(() => Open(file));
        Assert.Equal("in", refusal.File);
        return refusal;
    }
}
