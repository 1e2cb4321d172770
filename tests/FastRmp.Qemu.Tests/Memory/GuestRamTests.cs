using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Memory;

public sealed class GuestRamTests
{
    [Theory]
    [InlineData(0x8000_0000UL, 0x8000_0000UL, 0x8000_0000UL)]
    [InlineData(0xAFFF_F000UL, 0xAFFF_F000UL, 0xAFFF_F000UL)]
    [InlineData(0xB000_0000UL, 0x8000_0000UL, 0x1_3000_0000UL)]
    [InlineData(0x2_0000_0000UL, 0x8000_0000UL, 0x2_8000_0000UL)]
    public void The_hole_is_that_of_a_q35(ulong bytes, ulong low, ulong end)
    {
        using TestRam ram = new(bytes);
        Assert.Equal(end, ram.Ram.End);
        Assert.True(ram.Ram.TryLocate(low - 1, 1, out ulong offset));
        Assert.Equal(low - 1, offset);
        Assert.False(ram.Ram.TryLocate(low - 1, 2, out _));
        Assert.False(ram.Ram.TryLocate(low, 1, out _));
        Assert.Equal(bytes > low, ram.Ram.TryLocate(GuestRam.HighStart, 1, out offset));
        if (bytes <= low) return;
        Assert.Equal(low, offset);
        Assert.True(ram.Ram.TryLocate(end - 1, 1, out offset));
        Assert.Equal(bytes - 1, offset);
        Assert.False(ram.Ram.TryLocate(end, 1, out _));
        ram.Write(GuestRam.HighStart + 8, 5);
        GuestMemory memory = ram.Ram.Memory;
        Assert.True(memory.TryRead(PhysicalAddress.Create(GuestRam.HighStart + 8), out ulong value));
        Assert.Equal(5UL, value);
        Assert.True(memory.TryCompareExchange(PhysicalAddress.Create(GuestRam.HighStart + 8), 6, 5, out _));
        Assert.Equal(6UL, ram.Read(GuestRam.HighStart + 8));
    }

    [Fact]
    public void What_is_no_RAM_is_said()
    {
        using TestRam ram = new();
        Assert.False(GuestRam.TryOpen(ram.FileIn("absent"), out _, out string? problem));
        Assert.Contains("absent", problem, StringComparison.Ordinal);
        File.WriteAllText(ram.FileIn("short"), "x");
        Assert.False(GuestRam.TryOpen(ram.FileIn("short"), out _, out problem));
        Assert.EndsWith("short: 1 bytes are no whole pages", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x3FF0_0000UL, 0x4000_FFFFUL, false, 30, "0x3ff00000-0x4000ffff is not RAM of the machine, which ends at 0x3fffffff")]
    [InlineData(0x1000_0000UL, 0x104F_FFFEUL, true, 30, "is too small for the RMP's segments, which end at 0x104fffff")]
    [InlineData(0x1000_0000UL, 0x10FF_FFFFUL, true, 20, "segments of 2^20 bytes: a turin has 2^30 to 2^52")]
    [InlineData(0x1000_1000UL, 0x1000_1FFFUL, false, 30, "")]
    [InlineData(0x1000_1000UL, 0x10FF_FFFFUL, true, 30, "")]
    public void A_placement_that_the_machine_cannot_have_is_refused(
        ulong first, ulong last, bool isSegmented, int shift, string problem)
    {
        using TestRam ram = new();
        RmpPlacement placement = new(isSegmented, first, last, shift);
        Assert.False(BiosSetup.TrySetUp(placement, ram.Ram, ProcessorModel.Turin, out _, out string? said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Virtual_memory_is_read_and_written_across_pages_or_not_at_all()
    {
        using TestRam ram = new();
        GuestState state = GuestState.Of(new FakeProcessor());
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        Assert.True(VirtualMemory.TryWrite(ram.Ram, state, TestRam.Direct + 0x1FFFFC, bytes));
        Assert.Equal(0x0403_0201UL << 32, ram.Read(0x1F_FFF8));
        Assert.Equal(0x0807_0605UL, ram.Read(0x20_0000));
        byte[] read = new byte[8];
        Assert.True(VirtualMemory.TryRead(ram.Ram, state, TestRam.Direct + 0x1FFFFC, read));
        Assert.Equal(bytes, read);
        Assert.False(VirtualMemory.TryWrite(ram.Ram, state, TestRam.Hole - 4, bytes));
        Assert.Equal(0UL, ram.Read(0x3FDF_FFF8));
        Assert.False(VirtualMemory.TryRead(ram.Ram, state, TestRam.Hole - 4, read));
    }

    [Theory]
    [InlineData(64UL << 20, 0x50_0000UL, 0x50_0000UL)]
    [InlineData(64UL << 20, 0x3FF_F000UL, 0x3FF_F000UL)]
    [InlineData(3UL << 30, 0x7FFF_F000UL, 0x7FFF_F000UL)]
    [InlineData(3UL << 30, 0x1_0000_1000UL, 0x8000_1000UL)]
    public void What_was_written_is_in_use(ulong bytes, ulong address, ulong offset)
    {
        using TestRam ram = new(bytes);
        ram.Write(address, 1);
        IReadOnlyList<(PhysicalRange Range, ulong Offset)> used = ram.Ram.Used();
        Assert.Contains(used, part => address >= part.Range.Start.Value && address < part.Range.End
            && offset - part.Offset == address - part.Range.Start.Value);
        Assert.All(used, part => Assert.True(
            ram.Ram.TryLocate(part.Range.Start.Value, part.Range.Length, out ulong place) && place == part.Offset));
        for (int i = 1; i < used.Count; i++) Assert.True(used[i - 1].Range.End <= used[i].Range.Start.Value);
    }
}
