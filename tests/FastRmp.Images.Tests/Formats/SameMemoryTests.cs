using System;
using System.Collections.Generic;
using Xunit;

namespace FastRmp.Images.Tests.Formats;

/// <summary>The same memory in every format: the same mappings, which are the emulator's, and the same bytes.</summary>
public class SameMemoryTests
{
    private const ulong PageBytes = 4096;

    public static TheoryData<string> WithRegisters => [.. SharedImages.WithRegisters];

    public static TheoryData<string> WithoutRegisters => [.. SharedImages.WithoutRegisters];

    public static TheoryData<string> All => [.. SharedImages.WithRegisters, .. SharedImages.WithoutRegisters];

    [Theory]
    [MemberData(nameof(WithRegisters))]
    public void Mappings_of_both_processors_are_the_emulators(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        using MemoryImage image = SharedImages.Open(name);
        Assert.Equal(0, image.Problems.Count);
        Assert.Equal(2, image.Cpus.Length);
        for (int number = 0; number < 2; number++)
        {
            List<string> map = SharedImages.Map(image.Memory.View(), image.Processor(number).PagingState, out long absent);
            Assert.Equal(SharedImages.Oracle($"oracle/info-tlb-cpu{number}.txt.gz"), map);
            // One table holds nothing but zeros; an ELF core of makedumpfile leaves such pages out.
            Assert.Equal(name.Contains("elf-d31", StringComparison.Ordinal) ? 1 : 0, absent);
        }
    }

    [Theory]
    [MemberData(nameof(WithoutRegisters))]
    public void Without_registers_the_kernels_half_is_the_emulators(string name)
    {
        using MemoryImage image = SharedImages.Open(name);
        Assert.Equal(0, image.Problems.Count);
        Assert.True(image.Cpus.IsEmpty);
        Paging.PagingState state = image.Processor(0).PagingState;
        Assert.Equal(SharedImages.SwapperRoot, state.Root.Value);
        string[] kernel = Array.FindAll(
            SharedImages.Oracle("oracle/info-tlb-cpu0.txt.gz"), static line => line.StartsWith("ffff", StringComparison.Ordinal));
        Assert.Equal(kernel, SharedImages.Map(image.Memory.View(), state, out long absent));
        Assert.Equal(0, absent);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_root_of_the_callers_own_gives_the_same_mappings(string name)
    {
        using MemoryImage image = SharedImages.Open(name);
        ImageProcessor processor = image.Processor(0, new PagingOptions { Root = new Cr3(SharedImages.Cr3OfProcessor0) });
        Assert.Equal(
            SharedImages.Oracle("oracle/info-tlb-cpu0.txt.gz"), SharedImages.Map(image.Memory.View(), processor.PagingState, out _));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_direct_map_is_the_same(string name)
    {
        using MemoryImage image = SharedImages.Open(name);
        _ = image.FindVmCoreInfo(TestContext.Current.CancellationToken);
        Assert.True(DirectMapFinder.TryFind(
            image.Memory.View(), image.Processor(0).PagingState, image.VmCoreInfo, out DirectMapLocation location,
            cancellation: TestContext.Current.CancellationToken));
        Assert.Equal((0xFFFF_8ECA_0000_0000UL, DirectMapBaseSource.MemorySections), (location.Base.Value, location.BaseSource));
        DirectMapCensus<ImageMemoryView> census = new(image.Memory.View(), location);
        int splits = 0;
        while (census.MoveNext())
        {
            splits++;
        }

        DirectMapTotals totals = census.Totals;
        Assert.Equal((5081L, 118L, 0L, 12), (totals.Leaves4K, totals.Leaves2M, totals.Leaves1G, splits));
        Assert.Equal(0, census.AbsentTables);
    }

    /// <summary>Present pages of RAM in each file, of 65536; what an independent reader counted.</summary>
    public static TheoryData<string, int> PresentPages => new()
    {
        { "qemu/core.elf.zst", 65536 },
        { "qemu/core-paging.elf.zst", 65500 },
        { "qemu/kdump-lzo.kdump.zst", 65536 },
        { "qemu/kdump-zlib.flat.zst", 65536 },
        { "makedumpfile/zlib-d31.kdump.zst", 35815 },
        { "makedumpfile/zstd-d31.kdump.zst", 35815 },
        { "makedumpfile/split-1.kdump.zst", 35815 },
        { "makedumpfile/zlib-d1.kdump.zst", 65536 },
        { "makedumpfile/zstd-d0.kdump.zst", 65536 },
        { "lime/avml-v1.lime.zst", 40665 },
        { "lime/avml-v2-compressed.avml.zst", 40665 },
        { "synthetic/virtualbox.elf.zst", 65536 },
    };

    [Theory]
    [MemberData(nameof(PresentPages))]
    public void Every_page_is_the_machines_or_is_not_there(string name, int expected)
    {
        ArgumentNullException.ThrowIfNull(name);
        using MemoryImage image = SharedImages.Open(name);
        using MemoryImage ram = SharedImages.Open("raw/ram.raw.zst");
        byte[] page = new byte[PageBytes];
        byte[] right = new byte[PageBytes];
        int present = 0;
        foreach (ulong start in (ReadOnlySpan<ulong>)[0, 0x1_0000_0000UL])
        {
            for (ulong address = start; address < start + 0x800_0000; address += PageBytes)
            {
                PhysicalAddress at = PhysicalAddress.Create(address);
                ImagePageStatus status = image.Memory.StatusOf(at);
                if (status != ImagePageStatus.Present)
                {
                    Assert.Equal(0, image.Memory.Read(at, page));
                    Assert.Equal(name.Contains("d31", StringComparison.Ordinal) || name.Contains("split", StringComparison.Ordinal)
                        ? ImagePageStatus.Excluded : ImagePageStatus.Absent, status);
                    continue;
                }

                present++;
                Assert.Equal(page.Length, ram.Memory.Read(at, right));
                Assert.Equal(page.Length, image.Memory.Read(at, page));
                if (!page.AsSpan().SequenceEqual(right)) Assert.Fail($"{name}: the page at 0x{address:x} differs");
            }
        }

        Assert.Equal(expected, present);
    }

    [Theory]
    [InlineData("lime/lime.lime.zst", 74974, 32, 24)]
    [InlineData("kcore/compact.elf.zst", 74958, 8, 16)]
    public void Images_of_the_running_machine_differ_where_it_ran_on(string name, int lines, int onlyHere, int onlyThere)
    {
        using MemoryImage image = SharedImages.Open(name);
        Assert.Equal(0, image.Problems.Count);
        HashSet<string> map = [.. SharedImages.Map(image.Memory.View(), image.Processor(0).PagingState, out _)];
        HashSet<string> kernel = [.. Array.FindAll(
            SharedImages.Oracle("oracle/info-tlb-cpu0.txt.gz"), static line => line.StartsWith("ffff", StringComparison.Ordinal))];
        Assert.Equal(lines, map.Count);
        int same = 0;
        foreach (string line in map)
        {
            if (kernel.Contains(line)) same++;
        }

        Assert.Equal((onlyHere, onlyThere), (map.Count - same, kernel.Count - same));
    }

    [Theory]
    [InlineData("vmcore/vmcore.elf.zst")]
    [InlineData("vmcore/zlib-d31.kdump.zst")]
    [InlineData("vmcore/zstd-d31.kdump.zst")]
    public void A_kernel_that_crashed_has_the_emulators_mappings(string name)
    {
        using MemoryImage image = SharedImages.Open(name);
        Assert.Equal((0L, true, 2), (image.Problems.Count, image.Cpus.IsEmpty, image.Description.Threads.Count));
        Paging.PagingState kernel = image.Processor(0).PagingState;
        Assert.Equal(0x15E1_0000UL, kernel.Root.Value); // phys_base is negative there
        string[] oracle = SharedImages.Oracle("vmcore/oracle/info-tlb-cpu0.txt.gz");
        Assert.Equal(
            Array.FindAll(oracle, static line => line.StartsWith("ffff", StringComparison.Ordinal)),
            SharedImages.Map(image.Memory.View(), kernel, out _));
        Paging.PagingState process = image.Processor(0, new PagingOptions { Root = new Cr3(0x1BC0_A000) }).PagingState;
        Assert.Equal(oracle, SharedImages.Map(image.Memory.View(), process, out _));
    }
}
