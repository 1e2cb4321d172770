using System;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Elf;

public class ElfMutationTests
{
    [Fact]
    public void Damaged_small_cores_give_a_result_or_a_refusal_with_a_place()
    {
        byte[] original = new CoreBuilder().Note("CORE", 1, new byte[24]).Cpu(0x1000).Cpu(0x2000)
            .Note("VMCOREINFO", 0, [.. "SYMBOL(swapper_pg_dir)=ffffffff81000000\nNUMBER(x)=1\n"u8])
            .Load(0x1000, new byte[256]).Load(0x2000, new byte[64]).Load(0x4000, new byte[64], memorySize: 4096).Build();
        Mutator mutator = new(seed: 20);
        int opened = 0;
        for (int round = 0; round < 20_000; round++)
        {
            if (Survives(mutator.Mutate(original, head: 64 + (4 * 56) + 64))) opened++;
        }

        Assert.InRange(opened, 2000, 19_000);
    }

    [Fact]
    public void The_damaged_real_core_gives_a_result_or_a_refusal_with_a_place()
    {
        byte[] original = Fixture.Bytes("linux-4level/core.elf");
        Mutator mutator = new(seed: 21);
        int opened = 0;
        for (int round = 0; round < 400; round++)
        {
            if (Survives(mutator.Mutate(original, head: 0x1A50))) opened++;
        }

        Assert.InRange(opened, 40, 399);
    }

    [Fact]
    public void Many_headers_over_the_same_notes_do_not_multiply_the_work()
    {
        byte[] notes = new byte[1 << 20];
        byte[] file = new byte[64 + (60_000 * 56) + notes.Length];
        new CoreBuilder().Load(0, []).Build().AsSpan(0, 64).CopyTo(file);
        BitConverter.TryWriteBytes(file.AsSpan(0x38), (ushort)60_000);
        for (int index = 0; index < 60_000; index++)
        {
            Span<byte> header = file.AsSpan(64 + (index * 56), 56);
            header[0] = 4;
            BitConverter.TryWriteBytes(header[0x08..], 64UL + (60_000 * 56));
            BitConverter.TryWriteBytes(header[0x20..], (ulong)notes.Length);
        }

        using MemoryImage core = ElfCoreTests.Open(file);
        Assert.InRange(core.Problems.Count, 59_000, 60_001);
        Assert.Equal(InputProblems.Capacity, core.Problems.First.Length);
    }

    private static bool Survives(byte[] file)
    {
        try
        {
            using MemoryImage core = ElfCoreTests.Open(file);
            Use(core);
            return true;
        }
        catch (MalformedInputException refusal)
        {
            Assert.True(refusal.Offset <= (ulong)file.Length);
            return false;
        }
    }

    private static void Use(MemoryImage core)
    {
        byte[] buffer = new byte[4096];
        ImageMemoryView view = core.Memory.View();
        foreach (MemorySegment segment in core.Memory.Segments)
        {
            Assert.True(core.File.Contains(segment.Offset, segment.Length));
            Assert.True(core.Memory.Read(segment.Start, buffer) > 0);
            _ = view.TryRead(PhysicalAddress.Truncate(segment.End - 8), out _);
        }

        if (core.VmCoreInfo is VmCoreInfo info)
        {
            _ = info.TryGetSymbol("swapper_pg_dir", out _);
            _ = info.TryGetNumber("x", out _);
        }

        foreach (InputProblem problem in core.Problems.First)
        {
            Assert.NotNull(problem.Offset);
        }
    }
}
