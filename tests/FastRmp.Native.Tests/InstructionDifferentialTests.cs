using System;
using FastRmp.Native.Tests.Support;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>Random instructions, marks and checks on a table of the library and on one behind the ABI: equal answers, equal
/// bytes.</summary>
public sealed unsafe class InstructionDifferentialTests
{
    private const int Steps = 20_000;
    private const uint Guests = 3;

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 0, 2)]
    [InlineData(2, 0, 3)]
    [InlineData(3, 0, 4)]
    [InlineData(2, 30, 5)]
    [InlineData(3, 30, 6)]
    public void The_default_choices(uint preset, int segmentShift, int seed) => Run(preset, segmentShift, default, seed);

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Random_choices(int seed)
    {
        Random random = new(seed);
        ChoiceWords choices = new() { Low = (ulong)random.NextInt64(), High = (ulong)random.Next(32), Contention = (uint)random.Next(3) };
        Run(3, 0, choices, seed);
    }

    private static void Run(uint preset, int segmentShift, ChoiceWords choices, int seed)
    {
        using Twin twin = new(preset, 3, choices, segmentShift);
        Random random = new(seed);
        ulong core = 0;
        Twin.Require(Abi.CoreCreate(twin.Handle, 1, &core));
        RmpOptCore own = new(1);
        for (int step = 0; step < Steps; step++)
        {
            ulong page = Page(random, twin);
            ulong cpu = Cpu(random);
            Assert.True(ProcessorWord.TryDecode(cpu, out ExecutionState state));
            (ulong expected, ulong found) = random.Next(9) switch
            {
                < 3 => Update(twin, random, page, cpu, state),
                3 => Smash(twin, page, cpu, state),
                4 => Read(twin, page, cpu, state),
                5 => Validate(twin, random, page, cpu, state),
                6 => Adjust(twin, random, page, cpu, state),
                7 => Mark(twin, random, page),
                _ => Opt(twin, random, page, cpu, state, own, core),
            };
            Assert.True(expected == found, $"seed {seed}, step {step}, page 0x{page:x}, cpu 0x{cpu:x}: 0x{expected:x} and 0x{found:x}");
            Check(twin, random, page);
        }

        twin.RequireSame();
        Twin.Require(Abi.Destroy(core));
    }

    private static ulong OfHost(
        ulong page, ExecutionState state, Twin twin, Func<ReverseMapTable<RmpGeometry>, PhysicalAddress, ExecutionState, RmpResult> act)
    {
        if (PhysicalAddress.TryCreate(page, out PhysicalAddress at)) return Word.Of(act(twin.Table, at, state));
        InstructionResult beyond = HypervisorInstructions.PSmash(twin.Table, state, new InstructionRegisters(page));
        return beyond.Status switch
        {
            InstructionStatus.InvalidOpcode => Word.Of(RmpResult.InvalidOpcode),
            InstructionStatus.GeneralProtection => Word.Of(RmpResult.GeneralProtection),
            _ => Word.Of(RmpResult.Fail(beyond.Code)),
        };
    }

    private static (ulong Expected, ulong Found) Smash(Twin twin, ulong page, ulong cpu, ExecutionState state) => (
        OfHost(page, state, twin, static (table, at, processor) => table.PSmash(processor, at)), Abi.PSmash(twin.Handle, cpu, page));

    private static (ulong Expected, ulong Found) Update(Twin twin, Random random, ulong page, ulong cpu, ExecutionState state)
    {
        RmpUpdateOperand operand = new()
        {
            Gpa = (ulong)random.Next(600) << 12,
            Assigned = random.Next(3) != 0,
            PageSize = (PageSize)(random.Next(4) == 0 ? 1 : 0),
            Immutable = random.Next(40) == 0,
            Asid = (uint)random.Next((int)Guests + 1),
        };
        if (random.Next(50) == 0) operand = new RmpUpdateOperand((ulong)random.NextInt64(), (ulong)random.NextInt64());
        ulong expected = OfHost(page, state, twin, (table, at, processor) => table.RmpUpdate(processor, at, operand));
        ulong* words = stackalloc ulong[2] { operand.Low, operand.High };
        return (expected, Abi.RmpUpdate(twin.Handle, cpu, page, words));
    }

    private static (ulong Expected, ulong Found) Read(Twin twin, ulong page, ulong cpu, ExecutionState state)
    {
        RmpReadOutput output = default;
        ulong expected = !twin.Table.Processor.HasRmpRead
            ? Word.Of(RmpResult.InvalidOpcode)
            : OfHost(page, state, twin, (table, at, processor) => table.RmpRead(processor, at, out output));
        ulong* words = stackalloc ulong[2];
        ulong found = Abi.RmpRead(twin.Handle, cpu, page, words);
        Assert.Equal((output.Low, output.High), (words[0], words[1]));
        return (expected, found);
    }

    private static (ulong Expected, ulong Found) Validate(Twin twin, Random random, ulong page, ulong cpu, ExecutionState state)
    {
        GuestPage where = Where(random, page, out NestedPage nested);
        uint size = (uint)random.Next(3);
        bool validate = random.Next(3) != 0;
        GuestResult result = twin.Table.PValidate(state, nested, (PageSize)size, validate);
        ulong exitInfo1;
        ulong found = Abi.PValidate(twin.Handle, cpu, &where, size, validate ? 1U : 0, &exitInfo1);
        Assert.Equal(result.ExitInfo1.Value, exitInfo1);
        return (Word.Of(result), found);
    }

    private static (ulong Expected, ulong Found) Adjust(Twin twin, Random random, ulong page, ulong cpu, ExecutionState state)
    {
        GuestPage where = Where(random, page, out NestedPage nested);
        ulong exitInfo1;
        if (random.Next(2) == 0)
        {
            ulong rdx = (ulong)random.Next(1 << 17);
            GuestResult adjusted = twin.Table.RmpAdjust(state, nested, PageSize.Size4K, new RmpAdjustOperand(rdx));
            ulong word = Abi.RmpAdjust(twin.Handle, cpu, &where, 0, rdx, &exitInfo1);
            Assert.Equal(adjusted.ExitInfo1.Value, exitInfo1);
            return (Word.Of(adjusted), word);
        }

        byte vmpl = (byte)random.Next(5);
        ulong rcx = ulong.MaxValue;
        ulong target = vmpl;
        GuestResult result = twin.Table.RmpQuery(state, nested, vmpl, out RmpQueryOutput output);
        ulong found = Abi.RmpQuery(twin.Handle, cpu, &where, &rcx, &target, &exitInfo1);
        Assert.Equal(result.ExitInfo1.Value, exitInfo1);
        Assert.Equal(result.IsSuccess ? (ulong)output.Size : ulong.MaxValue, rcx);
        if (result.IsSuccess) Assert.Equal(output.Permissions, new RmpAdjustOperand(target).Permissions);
        return (Word.Of(result), found);
    }

    private static (ulong Expected, ulong Found) Mark(Twin twin, Random random, ulong page)
    {
        if (!PhysicalAddress.TryCreate(page, out PhysicalAddress at)) return (0, 0);
        uint answer;
        switch (random.Next(3))
        {
            case 0:
                twin.Table.MarkInUse(at);
                return (0, (ulong)Abi.MarkInUse(twin.Handle, page));
            case 1:
                bool removed = twin.Table.TryUnmarkInUse(at);
                Twin.Require(Abi.UnmarkInUse(twin.Handle, page, &answer));
                return (removed ? 1UL : 0, answer);
            default:
                uint kind = (uint)random.Next(4);
                uint asid = (uint)random.Next((int)Guests + 1);
                GuestPhysicalAddress gpa = GuestPhysicalAddress.Create((ulong)random.Next(600) << 12);
                Twin.Require(Abi.VmRunCheck(twin.Handle, kind, page, asid, gpa.Value, &answer));
                Assert.Equal((uint)RmpCheck.VmRun(twin.Table, (VmRunPage)kind, at, asid, gpa), answer);
                Twin.Require(Abi.VmRunEnter(twin.Handle, kind, page, asid, gpa.Value, &answer));
                return ((ulong)RmpCheck.EnterVm(twin.Table, (VmRunPage)kind, at, asid, gpa), answer);
        }
    }

    private static (ulong Expected, ulong Found) Opt(
        Twin twin, Random random, ulong page, ulong cpu, ExecutionState state, RmpOptCore own, ulong core)
    {
        ulong rcx = (ulong)random.Next(3);
        return (Word.Of(twin.Table.RmpOpt(state, own, page, rcx)), Abi.RmpOpt(twin.Handle, cpu, core, page, rcx));
    }

    private static void Check(Twin twin, Random random, ulong page)
    {
        if (!PhysicalAddress.TryCreate(page, out PhysicalAddress at)) return;
        uint kind = (uint)random.Next(3);
        uint mapping = (uint)random.Next(3);
        bool isUser = random.Next(2) == 0;
        Assert.Equal(
            RmpCheck.Host(twin.Table, (AccessKind)kind, at, (PageSize)mapping, isUser).Value,
            Abi.CheckHost(twin.Handle, kind, page, mapping, isUser ? 1U : 0));
        uint device = kind & 1;
        Assert.Equal(
            RmpCheck.Device(twin.Table, (AccessKind)device, at, (PageSize)mapping) ? 0UL : 1,
            Abi.CheckDevice(twin.Handle, device, page, mapping));
        Assert.Equal(RmpCheck.IommuLog(twin.Table, at) ? 0UL : 1, Abi.CheckIommuLog(twin.Handle, page));
        Assert.Equal(RmpCheck.FirmwareBuffer(twin.Table, at) ? 0UL : 1, Abi.CheckFirmwareBuffer(twin.Handle, page));
        GuestPage where = Where(random, page, out NestedPage nested);
        GuestAccessWords words = new()
        {
            Asid = (uint)random.Next((int)Guests + 1),
            Kind = (byte)random.Next(6),
            Vmpl = (byte)random.Next(4),
            Cpl = (byte)random.Next(4),
            Flags = (byte)random.Next(4),
        };
        Assert.True(words.TryDecode(out GuestAccess access));
        GuestResult result = RmpCheck.Guest(twin.Table, access, nested);
        ulong exitInfo1;
        Assert.Equal(Word.Of(result), Abi.CheckGuest(twin.Handle, &words, &where, &exitInfo1));
        Assert.Equal(result.ExitInfo1.Value, exitInfo1);
        uint isInUse;
        Twin.Require(Abi.IsInUse(twin.Handle, page, &isInUse));
        Assert.Equal(twin.Table.IsInUse(at), isInUse != 0);
        LookupAnswer answer;
        Twin.Require(Abi.Lookup(twin.Handle, page, &answer));
        Assert.Equal(new LookupAnswer(twin.Table.Lookup(at), twin.Table.StateOf(at)), answer);
    }

    private static GuestPage Where(Random random, ulong page, out NestedPage nested)
    {
        GuestPage where = new()
        {
            Gpa = (ulong)random.Next(600) << 12,
            Spa = page & PhysicalAddress.ValidMask,
            NestedSize = (uint)random.Next(3),
        };
        Assert.True(where.TryDecode(out nested));
        return where;
    }

    /// <summary>Mostly of three regions, with the base pages more often; some beyond the table, unaligned or beyond 2^52.</summary>
    private static ulong Page(Random random, Twin twin) => random.Next(20) switch
    {
        0 => twin.Pages << 12,
        1 => (ulong)random.NextInt64(),
        2 => (ulong)random.Next(0x60_0000),
        < 8 => (ulong)random.Next(3) << 21,
        _ => ((ulong)random.Next(3) << 21) | ((ulong)random.Next(6) << 12),
    };

    private static ulong Cpu(Random random) => random.Next(12) switch
    {
        0 => ((ulong)random.Next(8) << 8) | (uint)random.Next(16) | ((ulong)random.Next((int)Guests + 1) << 32),
        < 7 => 0x300,
        _ => 0x700 | ((ulong)random.Next(4) << 2) | ((ulong)random.Next(1, (int)Guests + 1) << 32),
    };
}
