using System;
using FastRmp.Native.Tests.Support;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>Random instructions from registers, over random tables, by the library and by the ABI: equal results, equal bytes.</summary>
public sealed unsafe class RegisterDifferentialTests
{
    private const int Steps = 6_000;

    [Theory]
    [InlineData(21, 1)]
    [InlineData(22, 4)]
    public void The_hosts(int seed, int pieces)
    {
        using TestMachine machine = new(seed, pieces);
        using Twin twin = new(2, 1);
        Random random = new(seed);
        PagingBlock block;
        PagingState state = default;
        int completed = 0;
        for (int step = 0; step < Steps; step++)
        {
            if (step % 100 == 0)
            {
                PagingRegisters paging = TestMachine.Registers(random, random.Next(2) == 0);
                Twin.Require(Abi.PagingInit(&block, &paging));
                Assert.Equal(0, paging.Decode(out state, out _));
            }

            uint instruction = (uint)random.Next(3);
            ulong cpu = random.Next(8) == 0 ? 0x700UL | (1UL << 32) : ProcessorWord.Host;
            RegisterWords registers = new(Page(random), TestMachine.Address(random), 0, (ulong)random.Next(2) << 18);
            Assert.True(ProcessorWord.TryDecode(cpu, out ExecutionState processor));
            PinnedMemoryView memory = machine.View();
            InstructionResult expected = instruction switch
            {
                0 => HypervisorInstructions.RmpUpdate(twin.Table, ref memory, state, processor, registers.Registers),
                1 => HypervisorInstructions.PSmash(twin.Table, processor, registers.Registers),
                _ => HypervisorInstructions.RmpRead(twin.Table, ref memory, state, processor, registers.Registers),
            };
            InstructionOutcome found;
            Twin.Require(Abi.ExecuteHost(twin.Handle, machine.Handle, &block, cpu, instruction, &registers, &found));
            Assert.Equal(new InstructionOutcome(expected), found);
            Assert.Equal(RegisterWords.Of(expected.Registers), registers);
            if (expected.Status == InstructionStatus.Completed) completed++;
        }

        Assert.InRange(completed, 100, int.MaxValue);
        twin.RequireSame();
        machine.RequireSame();
    }

    [Theory]
    [InlineData(23, 1)]
    [InlineData(24, 4)]
    public void The_guests(int seed, int pieces)
    {
        using TestMachine machine = new(seed, pieces);
        using Twin twin = new(1, 1);
        Random random = new(seed);
        NestedBlock block;
        NestedPagingState state = default;
        for (int step = 0; step < Steps; step++)
        {
            if (step % 100 == 0)
            {
                PagingRegisters guest = TestMachine.Registers(random, isEncrypted: true);
                PagingRegisters host = TestMachine.Registers(random, random.Next(2) == 0);
                Twin.Require(Abi.NestedInit(&block, &guest, &host, 1, 0));
                Assert.Equal(0, guest.Decode(out PagingState guestState, out _));
                Assert.Equal(0, host.Decode(out PagingState hostState, out ModelChoices choices));
                state = new NestedPagingState(guestState, hostState, null, isSnpGuest: true, executeTrap: false, choices);
            }

            if (step % 3 == 0) Assign(twin, random);
            uint instruction = (uint)random.Next(3);
            ulong cpu = 0x700UL | ((ulong)random.Next(2) << 2) | (1UL << 32);
            RegisterWords registers = new(
                TestMachine.Address(random), (ulong)random.Next(2), (ulong)random.Next(1 << random.Next(18)), (ulong)random.Next(2) << 18);
            Assert.True(ProcessorWord.TryDecode(cpu, out ExecutionState processor));
            PinnedMemoryView memory = machine.View();
            InstructionResult expected = instruction switch
            {
                0 => GuestInstructions.PValidate(twin.Table, ref memory, state, processor, registers.Registers),
                1 => GuestInstructions.RmpAdjust(twin.Table, ref memory, state, processor, registers.Registers),
                _ => GuestInstructions.RmpQuery(twin.Table, ref memory, state, processor, registers.Registers),
            };
            InstructionOutcome found;
            Twin.Require(Abi.ExecuteGuest(twin.Handle, machine.Handle, &block, cpu, instruction, &registers, &found));
            Assert.Equal(new InstructionOutcome(expected), found);
            Assert.Equal(RegisterWords.Of(expected.Registers), registers);
        }

        twin.RequireSame();
        machine.RequireSame();
    }

    [Fact]
    public void What_is_refused()
    {
        using TestMachine machine = new(1, 1);
        using Twin twin = new(1, 1);
        PagingBlock block = default;
        NestedBlock nested = default;
        RegisterWords registers = default;
        InstructionOutcome result;
        const ulong Cpu = ProcessorWord.Host;
        Assert.Equal((int)ErrorCode.Handle, Abi.ExecuteHost(0, machine.Handle, &block, Cpu, 0, &registers, &result));
        Assert.Equal((int)ErrorCode.Handle, Abi.ExecuteGuest(twin.Handle, 1, &nested, Cpu, 0, &registers, &result));
        Assert.Equal((int)ErrorCode.Handle, Abi.ExecuteHost(twin.Handle, machine.Handle, &block, Cpu, 0, &registers, &result));
        Assert.Equal((int)ErrorCode.Null, Abi.ExecuteHost(twin.Handle, machine.Handle, &block, Cpu, 0, null, &result));
        Assert.Equal((int)ErrorCode.Value, Abi.ExecuteGuest(twin.Handle, machine.Handle, &nested, 0x10, 0, &registers, &result));
        PagingRegisters paging = TestMachine.Registers(new Random(1), false);
        Twin.Require(Abi.PagingInit(&block, &paging));
        Assert.Equal((int)ErrorCode.Value, Abi.ExecuteHost(twin.Handle, machine.Handle, &block, Cpu, 3, &registers, &result));
    }

    private static void Assign(Twin twin, Random random)
    {
        ulong page = (ulong)random.Next(64) << 12;
        RmpUpdateOperand operand = new() { Assigned = random.Next(4) != 0, Asid = 1, Gpa = (ulong)random.Next(64) << 12 };
        if (!operand.Assigned) operand = default;
        RmpResult result = twin.Table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), operand);
        Assert.Equal((ulong)result.Status, Abi.RmpUpdate(twin.Handle, ProcessorWord.Host, page, &operand) & 0xFF);
    }

    private static ulong Page(Random random) => random.Next(10) == 0 ? (ulong)random.NextInt64() : (ulong)random.Next(520) << 12;
}
