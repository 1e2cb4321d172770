using System;
using System.Collections.Generic;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>
/// Random programs over one region: its base, two sub-pages that everybody fights for, and one that only 2 MiB operations touch.
/// </summary>
internal sealed class RandomPrograms(int seed)
{
    private const ulong Gpa = 0x4000_0000;

    private static readonly ulong[] FoughtFor = [0, 0x1000, 0x1F_F000];

    private readonly Random _random = new(seed);

    /// <summary>The pages whose entries distinguish the states.</summary>
    public static ulong[] Pages => [.. FoughtFor, 0x2000];

    /// <summary>What the region is before the threads start.</summary>
    public List<Step> Prefix() => _random.Next(14) switch
    {
        0 => [],
        1 => [Assign(0x1000)],
        2 => [Assign(0)],
        3 => [Assign(0x1000), Assign(0x1F_F000)],
        4 or 5 => [Large()],
        6 => [Large(), new Step(StepKind.Smash, 0)],
        7 => [new Step(StepKind.Poke, 0x1000, new RmpUpdateOperand(0x4, 0))], // HV_Fixed
        8 => [Assign(0), Assign(0x1F_F000)],
        9 or 10 => [Own(0x1000), Step.Guest(StepKind.Validate, 0x1000, Gpa + 0x1000)],
        11 => [OwnLarge(), Step.Guest(StepKind.Validate, 0, Gpa, PageSize.Size2M)],
        12 => [Own(0), Step.Guest(StepKind.Validate, 0, Gpa), Step.Guest(StepKind.Adjust, 0, Gpa, rdx: 0x1_0301)],
        // firmware
        _ =>
            [new Step(StepKind.Poke, 0, new RmpUpdateOperand(0x8, 0)),
                new Step(StepKind.Poke, 0x1000, new RmpUpdateOperand(0x8000_0000_0000_0005, 0))],
    };

    public List<Step> Program(int length)
    {
        List<Step> program = [];
        for (int i = 0; i < length; i++)
        {
            program.Add(Next());
        }

        return program;
    }

    private Step Next() => _random.Next(2) == 0 ? OfHost() : OfGuest();

    private Step OfHost()
    {
        ulong page = FoughtFor[_random.Next(FoughtFor.Length)];
        return _random.Next(24) switch
        {
            < 4 => Assign(page),
            < 6 => Own(page),
            < 10 => new Step(StepKind.Update, page, Operands.Release()),
            < 12 => _random.Next(2) == 0 ? Large() : OwnLarge(),
            < 14 => new Step(StepKind.Update, 0, Operands.Release(PageSize.Size2M)),
            14 or 15 => new Step(StepKind.Smash, 0),
            16 or 17 => new Step(StepKind.Access, page, default, _random.Next(2) == 0 ? PageSize.Size4K : PageSize.Size2M),
            18 => new Step(StepKind.Disclose, page),
            19 => new Step(StepKind.Enter, page),
            20 => new Step(StepKind.Leave, page),
            21 => new Step(StepKind.Verify, 0, new RmpUpdateOperand { Asid = (uint)_random.Next(Rules.Cores) }),
            22 => new Step(StepKind.Report, 0, new RmpUpdateOperand { Asid = (uint)_random.Next(Rules.Cores) }),
            _ => new Step(StepKind.Lookup, page),
        };
    }

    private Step OfGuest()
    {
        PageSize size = _random.Next(3) == 0 ? PageSize.Size2M : PageSize.Size4K;
        ulong page = size == PageSize.Size2M ? 0 : FoughtFor[_random.Next(FoughtFor.Length)];
        return _random.Next(8) switch
        {
            < 3 => Step.Guest(StepKind.Validate, page, Gpa + page, size),
            3 => Step.Guest(StepKind.Rescind, page, Gpa + page, size),
            4 => Step.Guest(StepKind.Adjust, page, Gpa + page, size, _random.Next(2) == 0 ? 0x1_0301UL : 0x0_0701UL),
            5 => Step.Guest(StepKind.Query, page, Gpa + page, size),
            6 => Step.Guest(StepKind.EnterVmsa, page, Gpa + page, size),
            _ => Step.Guest(StepKind.Touch, page, Gpa + page, size),
        };
    }

    private static Step Own(ulong page) => new(StepKind.Update, page, Operands.Assign(Gpa + page, 1));

    private static Step OwnLarge() => new(StepKind.Update, 0, Operands.Assign(Gpa, 1, PageSize.Size2M));

    private Step Assign(ulong page) =>
        new(StepKind.Update, page, Operands.Assign(Gpa + page, (uint)_random.Next(1, 3), PageSize.Size4K, _random.Next(16) == 0));

    private Step Large() => new(StepKind.Update, 0, Operands.Assign(Gpa, (uint)_random.Next(1, 3), PageSize.Size2M, _random.Next(16) == 0));
}
