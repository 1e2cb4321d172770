using System;
using System.Collections.Generic;
using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>Random programs over one region: its base, two sub-pages that everybody fights for, and one that only 2 MiB operations touch.</summary>
internal sealed class RandomPrograms(int seed)
{
    private const ulong Gpa = 0x4000_0000;

    private static readonly ulong[] FoughtFor = [0, 0x1000, 0x1F_F000];

    private readonly Random _random = new(seed);

    /// <summary>The pages whose entries tell the states apart.</summary>
    public static ulong[] Pages => [.. FoughtFor, 0x2000];

    /// <summary>What the region is before the threads start.</summary>
    public List<Step> Prefix() => _random.Next(10) switch
    {
        0 => [],
        1 => [Assign(0x1000)],
        2 => [Assign(0)],
        3 => [Assign(0x1000), Assign(0x1F_F000)],
        4 or 5 => [Large()],
        6 => [Large(), new Step(StepKind.Smash, 0)],
        7 => [new Step(StepKind.Poke, 0x1000, new RmpUpdateOperand(0x4, 0))], // HV_Fixed
        8 => [Assign(0), Assign(0x1F_F000)],
        _ => [new Step(StepKind.Poke, 0, new RmpUpdateOperand(0x8, 0)), new Step(StepKind.Poke, 0x1000, new RmpUpdateOperand(0x8000_0000_0000_0005, 0))], // firmware
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

    private Step Next()
    {
        ulong page = FoughtFor[_random.Next(FoughtFor.Length)];
        return _random.Next(20) switch
        {
            < 5 => Assign(page),
            < 9 => new Step(StepKind.Update, page, Operands.Release()),
            < 11 => Large(),
            < 13 => new Step(StepKind.Update, 0, Operands.Release(PageSize.Size2M)),
            13 or 14 => new Step(StepKind.Smash, 0),
            15 or 16 => new Step(StepKind.Access, page, default, _random.Next(2) == 0 ? PageSize.Size4K : PageSize.Size2M),
            _ => new Step(StepKind.Lookup, page),
        };
    }

    private Step Assign(ulong page) => new(StepKind.Update, page, Operands.Assign(Gpa + page, (uint)_random.Next(1, 3), PageSize.Size4K, _random.Next(16) == 0));

    private Step Large() => new(StepKind.Update, 0, Operands.Assign(Gpa, (uint)_random.Next(1, 3), PageSize.Size2M, _random.Next(16) == 0));
}
