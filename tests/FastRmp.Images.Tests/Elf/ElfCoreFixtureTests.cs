using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using FastRmp.Images.Tests.Support;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Elf;

public class ElfCoreFixtureTests
{
    private const string Name = "linux-4level/core.elf";

    [Fact]
    public void Registers_of_both_processors_are_those_the_emulator_printed()
    {
        using MemoryImage core = MemoryImage.Open(Fixture.PathOf(Name));
        MatchCollection printed = Regex.Matches(
            File.ReadAllText(Fixture.PathOf("linux-4level/control-registers.txt")),
            "CR0=([0-9a-f]+) CR2=([0-9a-f]+) CR3=([0-9a-f]+) CR4=([0-9a-f]+)",
            RegexOptions.CultureInvariant);
        Assert.Equal(2, printed.Count);
        Assert.Equal(printed.Count, core.Cpus.Length);
        for (int cpu = 0; cpu < printed.Count; cpu++)
        {
            CpuState state = core.Cpus[cpu];
            Assert.Equal(
                [Number(printed[cpu], 1), Number(printed[cpu], 2), Number(printed[cpu], 3), Number(printed[cpu], 4)],
                new[] { state.Control.Cr0, state.Cr2, state.Control.Cr3.Value, state.Control.Cr4 });
            Assert.True(state.Control.Paging);
            Assert.False(state.Control.La57);
            Assert.Equal(0x10U, state.CodeSelector);
        }

        Assert.Equal(0xFFFF_FFFF_94A5_92EBUL, core.Cpus[0].InstructionPointer);
        Assert.Equal(0x246UL, core.Cpus[1].Flags);
        Assert.Equal(0xFFFF_FFFF_95A0_3E98UL, core.Cpus[0].StackPointer);
    }

    [Fact]
    public void Memory_is_thirty_segments_and_nothing_is_wrong()
    {
        using MemoryImage core = MemoryImage.Open(Fixture.PathOf(Name));
        Assert.Equal(0, core.Problems.Count);
        ulong total = 0;
        foreach (MemorySegment segment in core.Memory.Segments)
        {
            total += segment.Length;
        }

        Assert.Equal(30, core.Memory.Segments.Length);
        Assert.Equal(core.File.Length - 0x1A50, total);
        ImageMemoryView view = core.Memory.View();
        Assert.True(view.TryRead(core.Cpus[0].Control.Cr3.Table, out _));
        Assert.True(view.TryRead(core.Cpus[1].Control.Cr3.Table, out _));
        Assert.False(view.TryRead(PhysicalAddress.Create(0), out _));
    }

    [Fact]
    public void The_kernels_notes_are_looked_up_by_key()
    {
        using MemoryImage core = MemoryImage.Open(Fixture.PathOf(Name));
        VmCoreInfo info = Assert.IsType<VmCoreInfo>(core.VmCoreInfo);
        Assert.Equal(0xCCF, info.Text.Length);
        Assert.True(info.TryGetValue("OSRELEASE", out ReadOnlySpan<byte> release));
        Assert.Equal("6.1.0-56-amd64", Encoding.ASCII.GetString(release));
        Assert.True(info.TryGetSymbol("swapper_pg_dir", out ulong root));
        Assert.Equal(0xFFFF_FFFF_95A1_0000UL, root);
        Assert.True(info.TryGetNumber("phys_base", out long physicalBase));
        Assert.Equal(1_287_651_328, physicalBase);
        Assert.True(info.TryGetNumber("PAGE_BUDDY_MAPCOUNT_VALUE", out long negative));
        Assert.Equal(-129, negative);
        Assert.True(info.TryGetNumber("sme_mask", out long mask));
        Assert.Equal(0, mask);
        Assert.True(info.TryGetSize("page", out long size));
        Assert.Equal(64, size);
        Assert.True(info.TryGetOffset("page.lru", out long offset));
        Assert.Equal(8, offset);
        Assert.True(info.TryGetKernelOffset(out ulong moved));
        Assert.Equal(0x1300_0000UL, moved);
    }

    [Fact]
    public void A_key_that_is_absent_or_only_similar_is_not_found()
    {
        using MemoryImage core = MemoryImage.Open(Fixture.PathOf(Name));
        VmCoreInfo info = core.VmCoreInfo!;
        Assert.False(info.TryGetSymbol("swapper_pg_di", out _));
        Assert.False(info.TryGetSymbol("wapper_pg_dir", out _));
        Assert.False(info.TryGetSymbol("swapper_pg_dirx", out _));
        Assert.False(info.TryGetNumber("swapper_pg_dir", out _));
        Assert.False(info.TryGetValue("OSRELEAS", out _));
        Assert.False(info.TryGetValue("", out _));
        Assert.False(info.TryGetValue("SYMBOL", out _));
        Assert.True(info.TryGetValue("SYMBOL(swapper_pg_dir)", out _));
    }

    [Fact]
    public void Look_ups_allocate_nothing()
    {
        using MemoryImage core = MemoryImage.Open(Fixture.PathOf(Name));
        VmCoreInfo info = core.VmCoreInfo!;
        ulong sum = 0;
        Allocations.RequireNone(() =>
        {
            _ = info.TryGetSymbol("swapper_pg_dir", out ulong value);
            sum += value;
        });
        Assert.NotEqual(0UL, sum);
    }

    [Fact]
    public void The_packed_core_is_the_same_core()
    {
        using MemoryStream packed = new(Fixture.Gzipped(Fixture.Bytes(Name)));
        using MemoryImage core = MemoryImage.Read(ImageFile.Read(packed, "-"));
        using MemoryImage plain = MemoryImage.Open(Fixture.PathOf(Name));
        Assert.Equal(plain.Memory.Segments, core.Memory.Segments);
        Assert.Equal(plain.Cpus, core.Cpus);
        Assert.Equal(0, core.Problems.Count);
    }

    private static ulong Number(Match match, int group) =>
        ulong.Parse(match.Groups[group].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
