using System;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>
/// RMPUPDATE, PSMASH, RMPREAD and RMPOPT by any registers, through good and damaged tables, against <see cref="PlainHypervisor"/>.
/// </summary>
public sealed class HypervisorInstructionDifferentialTests
{
    private static readonly ulong[] Bases =
    [
        HypervisorRig.Data, HypervisorRig.Data + 0x1000, HypervisorRig.Absent, HypervisorRig.BesideReadOnly, HypervisorRig.ReadOnly,
        HypervisorRig.User,
        HypervisorRig.Outside, HypervisorRig.LowEnd, HypervisorRig.LowEnd + 0x1000, HypervisorRig.Top, HypervisorRig.Bottom,
    ];

    [Theory]
    [InlineData(1, 4, false)]
    [InlineData(2, 5, false)]
    [InlineData(3, 4, true)]
    public void Any_instruction_ends_as_the_plain_form_says(int seed, int levels, bool otherChoices)
    {
        Random random = new(seed);
        ModelChoices choices = otherChoices
            ? new()
            {
                RmpOptOnContiguous = true,
                InstructionsLeaveFlags = true,
                IgnoreLowAddressBits = true,
                CheckTableReads = true,
                RmpOptOutsideWindowFaults = true,
                IgnoreReservedOperandBits = true,
            }
            : new() { RmpOptOnContiguous = true };
        using HypervisorRig rig = new(levels, choices);
        using ReverseMapTable<ContiguousGeometry> table = HypervisorRig.NewTable(choices);
        PlainHypervisor plain = new(rig, table);
        RmpOptCore core = RmpOptCore.EnabledAt(default);
        RmpOptCore plainCore = RmpOptCore.EnabledAt(default);
        ulong[] good = rig.Memory.Words.ToArray();
        long[] outcomes = new long[8];
        int succeeded = 0;
        for (int round = 0; round < 6_000; round++)
        {
            if (round % 8 == 0) good.CopyTo(rig.Memory.Words);
            if (random.Next(16) == 0) rig.Tree.Change(HypervisorRig.Data, 1, entry => entry ^ (1UL << random.Next(64)));
            if (random.Next(16) == 0) rig.Tree.Change(HypervisorRig.Top, 1, entry => entry ^ (1UL << random.Next(64)));
            rig.Processor = AnyProcessor(random);
            int instruction = random.Next(8);
            InstructionRegisters registers = AnyRegisters(random, instruction);
            Fill(rig, random);
            ulong[] before = rig.Memory.Words.ToArray();
            bool marks = random.Next(2) == 0;
            InstructionResult expected = instruction switch
            {
                0 => plain.Smash(registers),
                1 => plain.Optimize(registers, plainCore),
                2 or 3 => plain.Read(registers),
                _ => plain.Update(registers, marks),
            };
            ulong[] after = rig.Memory.Words.ToArray();
            before.CopyTo(rig.Memory.Words);
            InstructionResult result = instruction switch
            {
                0 => HypervisorInstructions.PSmash(rig.Table, rig.Processor, registers),
                1 => HypervisorInstructions.RmpOpt(rig.Table, rig.Processor, core, registers),
                2 or 3 => rig.Read(registers),
                _ => rig.Update(registers, marks),
            };
            Assert.True(
                expected == result,
                $"round {round}, instruction {instruction}: {expected.Status} {expected.Code} {expected.Registers}, "
                    + $"not {result.Status} {result.Code} {result.Registers}");
            Assert.True(rig.Memory.Words.SequenceEqual(after), $"round {round}, instruction {instruction}: memory");
            outcomes[(int)result.Status]++;
            succeeded += result.IsSuccess ? 1 : 0;
            if (round % 1500 == 0) Compare(rig.Table, table);
        }

        Compare(rig.Table, table);
        Assert.True(succeeded > 1000, $"{succeeded}");
        foreach (InstructionStatus status in new[]
        {
            InstructionStatus.Completed, InstructionStatus.InvalidOpcode, InstructionStatus.GeneralProtection, InstructionStatus.PageFault,
            InstructionStatus.OutsideMemory,
        })
        {
            Assert.True(outcomes[(int)status] > 100, $"{status}: {outcomes[(int)status]}");
        }
    }

    private static ExecutionState AnyProcessor(Random random) => random.Next(10) != 0
        ? ExecutionState.Host
        : new ExecutionState(
            random.Next(4) != 0, (byte)(random.Next(3) == 0 ? random.Next(256) : 0), random.Next(3) == 0 ? 5U : 0, random.Next(4) != 0);

    private static InstructionRegisters AnyRegisters(Random random, int instruction)
    {
        ulong region = (ulong)random.Next(1, 5) << 21;
        ulong rax = random.Next(10) switch
        {
            0 => region + (ulong)random.Next(0x20_0000),
            1 => region | (1UL << random.Next(64)),
            2 when random.Next(3) == 0 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            3 or 4 => region,
            _ => region + ((ulong)random.Next(8) << 12),
        };
        ulong rcx = random.Next(8) switch
        {
            0 => Bases[random.Next(Bases.Length)] + (ulong)random.Next(0x1000),
            1 when random.Next(2) == 0 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            2 => Bases[random.Next(Bases.Length)] ^ (1UL << random.Next(64)),
            3 or 4 => Bases[random.Next(Bases.Length)] - (ulong)random.Next(17),
            _ => HypervisorRig.Data + (ulong)random.Next(0x2000),
        };
        if (instruction == 1 && random.Next(2) == 0) rcx = (ulong)random.Next(3);
        return new InstructionRegisters(rax, rcx, (ulong)random.NextInt64(), new RFlags((ulong)random.Next(1 << 22)));
    }

    /// <summary>Operands all over the data pages: at every quadword one that is mostly sound, so that an unaligned one is not.</summary>
    private static void Fill(HypervisorRig rig, Random random)
    {
        RmpUpdateOperand operand = random.Next(4) == 0
            ? Operands.Release((PageSize)(random.Next(4) / 3))
            : Operands.Make(
                (ulong)random.Next(64) << 12, assigned: true, large: random.Next(4) == 0, immutable: random.Next(40) == 0,
                (uint)random.Next(7), random.Next(12) == 0 ? 1UL << random.Next(64) : 0);
        foreach (ulong page in new[]
        {
            HypervisorRig.FirstPage, HypervisorRig.SecondPage, HypervisorRig.OtherPage, HypervisorRig.ReadOnlyPage,
        })
        {
            ulong shift = (ulong)random.Next(16);
            for (ulong i = 0; i < 0x1000; i++)
            {
                ulong at = (i + shift) % 16;
                HypervisorRig.SetByte(rig.Memory, page + i, (byte)((at < 8 ? operand.Low : operand.High) >> (int)(8 * (at % 8))));
            }
        }
    }

    private static void Compare(ReverseMapTable<ContiguousGeometry> left, ReverseMapTable<ContiguousGeometry> right)
    {
        for (ulong page = 0; page < HypervisorRig.Covered; page += 0x1000)
        {
            Assert.True(
                left.TryReadRaw(
                    PhysicalAddress.Create(page), out RmpEntry a) & right.TryReadRaw(PhysicalAddress.Create(page), out RmpEntry b));
            Assert.Equal(a, b);
        }
    }
}
