using System;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Elf;

public class ElfNoteTests
{
    private static readonly byte[] Page = new byte[4096];

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(8)]
    public void Other_notes_are_skipped_whatever_the_padding(ulong alignment)
    {
        using MemoryImage core = ElfCoreTests.Open(new CoreBuilder { NoteAlignment = alignment }
            .Note("CORE", 1, new byte[333])
            .Note("QEMU", 7, new byte[3])
            .Cpu(0x1000)
            .Note("", 0, [])
            .Note("a-name-longer-than-any-that-counts", 0, new byte[5])
            .Note("VMCOREINFO", 0, [.. "KEY=value"u8])
            .Cpu(0x2000)
            .Load(0, Page).Build());
        Assert.Equal(0, core.Problems.Count);
        Assert.Equal(2, core.Cpus.Length);
        Assert.Equal(0x1000UL, core.Cpus[0].Control.Cr3.Value);
        Assert.Equal(0x2000UL, core.Cpus[1].Control.Cr3.Value);
        Assert.True(core.VmCoreInfo!.TryGetValue("KEY", out ReadOnlySpan<byte> value));
        Assert.Equal("value"u8, value);
    }

    [Fact]
    public void A_processor_note_without_the_gs_base_is_read()
    {
        using MemoryImage core = ElfCoreTests.Open(new CoreBuilder().Cpu(0x1000, bytes: 432).Load(0, Page).Build());
        Assert.Equal(0, core.Problems.Count);
        Assert.Equal(0x1000UL, core.Cpus[0].Control.Cr3.Value);
    }

    [Fact]
    public void A_processor_note_that_is_short_or_of_another_version_is_a_problem_and_the_next_is_read()
    {
        using MemoryImage core = ElfCoreTests.Open(new CoreBuilder()
            .Cpu(0, bytes: 431).Cpu(0, version: 2).Cpu(0, size: 441).Cpu(0, size: 400).Cpu(0x5000)
            .Load(0, Page).Build());
        Assert.Equal(4, core.Problems.Count);
        Assert.Equal(1, core.Cpus.Length);
        ulong notes = 64 + (2 * 56);
        Assert.Equal(notes, core.Problems.First[0].Offset);
        Assert.Contains("431 bytes", core.Problems.First[0].Reason, StringComparison.Ordinal);
        Assert.Equal(notes + 20 + 432, core.Problems.First[1].Offset);
        Assert.Contains("version 2", core.Problems.First[1].Reason, StringComparison.Ordinal);
        Assert.Contains("gives its size as 441", core.Problems.First[2].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(uint.MaxValue, 0U)]
    [InlineData(0U, uint.MaxValue)]
    [InlineData(uint.MaxValue, uint.MaxValue)]
    [InlineData(5U, 5000U)]
    public void A_note_that_passes_the_end_ends_the_walk_with_its_offset(uint nameSize, uint size)
    {
        using MemoryImage core = ElfCoreTests.Open(
            new CoreBuilder().Cpu(0x1000).Note("CORE", 1, new byte[16], nameSize, size).Load(0, Page).Build());
        Assert.Equal(64UL + (2 * 56) + 460, ElfCoreTests.Only(core).Offset);
        Assert.Equal(1, core.Cpus.Length);
    }

    [Fact]
    public void The_first_vmcoreinfo_counts()
    {
        using MemoryImage core = ElfCoreTests.Open(new CoreBuilder()
            .Note("VMCOREINFO", 0, [.. "N=1\nN=2\n"u8]).Note("VMCOREINFO", 0, [.. "N=3"u8]).Load(0, Page).Build());
        Assert.True(core.VmCoreInfo!.TryGetValue("N", out ReadOnlySpan<byte> value));
        Assert.Equal("1"u8, value);
    }

    [Fact]
    public void A_value_that_is_not_a_number_is_not_returned_as_one()
    {
        using MemoryImage core = ElfCoreTests.Open(new CoreBuilder()
            .Note(
                "VMCOREINFO", 0,
                [
                    .. "SYMBOL(a)=ffffffffffffffff0\nSYMBOL(b)=12 \nSYMBOL(c)=\nNUMBER(d)=0x10\nNUMBER(e)=9223372036854775808\n"u8,
                .. "=\n\nSYMBOL(f)=aBc"u8])
            .Load(0, Page)
            .Build());
        VmCoreInfo info = core.VmCoreInfo!;
        Assert.False(info.TryGetSymbol("a", out _));
        Assert.False(info.TryGetSymbol("b", out _));
        Assert.False(info.TryGetSymbol("c", out _));
        Assert.False(info.TryGetNumber("d", out _));
        Assert.False(info.TryGetNumber("e", out _));
        Assert.True(info.TryGetSymbol("f", out ulong value));
        Assert.Equal(0xABCUL, value);
    }
}
