using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Paging;
using FastRmp.Reference;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Paging.Nested;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>
/// PVALIDATE, RMPADJUST and RMPQUERY from a virtual address, with any registers, through good and damaged tables and RMP entries, against
/// the reference.
/// </summary>
public sealed class GuestInstructionDifferentialTests
{
    private static readonly ulong[] Sizes = [0, 0, 0, 1, 1, 2, 6, 255, 256, 0x8000_0000, 0x1_0000_0000, 0x1_0000_0001, ulong.MaxValue];
    private static readonly ulong[] Truths = [0, 1, 1, 0, 2, 0x8000_0001, 0x1_0000_0001];

    [Theory]
    [InlineData(1, 4, 4, false)]
    [InlineData(2, 4, 5, false)]
    [InlineData(3, 5, 4, false)]
    [InlineData(4, 5, 5, false)]
    [InlineData(5, 4, 4, true)]
    [InlineData(6, 5, 5, true)]
    public void Any_instruction_ends_as_the_reference_says(int seed, int guestLevels, int hostLevels, bool otherChoices)
    {
        Random random = new(seed);
        ModelChoices choices = !otherChoices ? ModelChoices.Default : new()
        {
            IgnoreReservedOperandBits = true,
            HideEncryptionOfNestedTableWrites = true,
            InstructionsLeaveFlags = true,
            InstructionsTakeSharedMappings = true,
            NestedSizeFirst = true,
            PValidateAboveVmpl0IsPermission = true,
            RmpQueryRefusesOwnVmpl = true,
            TableFaultsArePageAligned = true,
            ValidatedBeforeSize = true,
        };
        using NestedGuestSetup setup = new(guestLevels, hostLevels, isEncrypted: true, choices);
        InstructionComparison comparison = new(setup);
        ulong[] good = setup.Memory.Words.ToArray();
        for (int round = 0; round < 1500; round++)
        {
            ulong va = setup.Addresses[random.Next(setup.Addresses.Count)];
            SetUp(comparison, random);
            if (random.Next(3) == 0) Damage(setup, va, random);
            (ulong Page, ReferenceRawEntry Raw)? entry = random.Next(3) == 0 ? DamageRmp(setup, va, random) : null;
            for (int i = 0; i < 8; i++)
            {
                _ = comparison.Execute((GuestInstruction)random.Next(3), Registers(va, random), marks: random.Next(2) == 0);
            }

            good.CopyTo(setup.Memory.Words);
            if (entry is var (page, raw)) setup.Pair.Poke(page, raw.Low, raw.High);
            if (round % 100 == 0) setup.Pair.CompareAll();
        }

        setup.Pair.CompareAll();
        foreach (InstructionStatus status in Enum.GetValues<InstructionStatus>().Where(static s => s != InstructionStatus.Contended))
        {
            Assert.True(comparison.Outcomes[(int)status] > 20, $"{status}: {comparison.Outcomes[(int)status]}");
        }
    }

    private static void SetUp(InstructionComparison comparison, Random random)
    {
        comparison.Smap = random.Next(2) == 0;
        comparison.Gmet = random.Next(6) == 0;
        comparison.GuestNoExecute = random.Next(6) != 0;
        comparison.Pkru = random.Next(4) == 0 ? (uint)random.Next() & (uint)random.Next() : null;
        comparison.VirtualTom = random.Next(8) == 0 ? NestedGuestSetup.GuestStart + ((ulong)random.Next(12) << 30) : null;
        comparison.Processor = new ExecutionState(
            Is64BitMode: random.Next(12) != 0,
            Cpl: (byte)(random.Next(20) == 0 ? random.Next(256) : 0),
            Asid: random.Next(20) == 0 ? 6U : NestedGuestSetup.Asid,
            SnpEnabled: random.Next(40) != 0,
            Vmpl: (byte)(random.Next(3) == 0 ? random.Next(5) : 0),
            IsSnpGuest: random.Next(40) != 0);
    }

    private static InstructionRegisters Registers(ulong va, Random random)
    {
        ulong rax = random.Next(8) switch
        {
            0 => va & ~0x1F_FFFFUL,
            1 => va & ~0x1F_F000UL,
            2 when random.Next(4) == 0 => va ^ (1UL << random.Next(64)),
            3 when random.Next(4) == 0 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            _ => va,
        };
        ulong rdx = random.Next(4) switch
        {
            0 => Truths[random.Next(Truths.Length)],
            1 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            _ => (ulong)(random.Next(5) | (random.Next(0x24) << 8) | (random.Next(2) << 16)),
        };
        return new InstructionRegisters(rax, Sizes[random.Next(Sizes.Length)], rdx, new RFlags((ulong)random.Next(1 << 22)));
    }

    private static void Damage(NestedGuestSetup setup, ulong va, Random random)
    {
        List<ulong> entries = EntriesOnTheWay(setup, va);
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            ulong entry = entries[random.Next(entries.Count)];
            setup.Memory[entry] = random.Next(8) switch
            {
                0 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
                1 => setup.Memory[entries[random.Next(entries.Count)]],
                2 => setup.Memory[entry] | (TableTree.A | TableTree.D),
                3 => setup.Memory[entry] ^ (1UL << 51),
                _ => setup.Memory[entry] ^ (1UL << random.Next(64)),
            };
        }
    }

    private static (ulong Page, ReferenceRawEntry Raw)? DamageRmp(NestedGuestSetup setup, ulong va, Random random)
    {
        NestedWalkResult good = setup.Translate(va, MemoryAccess.KernelRead);
        ulong page = good.IsMapped && random.Next(4) != 0
            ? good.Address.Value & ~(good.NestedSize == PageSize.Size4K ? 0xFFFUL : 0x1F_FFFFUL)
            : random.Next(2) == 0 ? setup.HostRoot + ((ulong)random.Next(8) * 0x1000)
            : setup.GuestEntry(va, setup.GuestLevels - random.Next(2)).Address & ~0xFFFUL;
        if (page >= 0x80_0000) return null;
        ReferenceRawEntry raw = setup.Pair.Reference.ReadRaw(page);
        int bit = random.Next(8) switch { 0 => 0, 1 => 1, 2 => 2, 3 or 4 => 62, _ => random.Next(12, 64) };
        setup.Pair.Poke(page, raw.Low ^ (1UL << bit), random.Next(2) == 0 ? raw.High : (ulong)random.Next() & 0x1F1F_1F1FUL);
        return (page, raw);
    }

    private static List<ulong> EntriesOnTheWay(NestedGuestSetup setup, ulong va)
    {
        WalkView view = new(setup.Memory);
        NoCheck check = default;
        WalkTrace trace = default;
        _ = NestedWalker.Trace(ref view, setup.State(), new VirtualAddress(va), MemoryAccess.KernelRead, ref check, ref trace);
        List<ulong> entries = [];
        foreach (WalkStep step in trace.Steps) entries.Add(step.Address.Value);
        return entries;
    }
}
