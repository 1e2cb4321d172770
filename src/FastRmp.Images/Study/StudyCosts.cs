using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images.Study;

/// <summary>What a replay's counts cost, in nanoseconds of processor time. Every constant is a parameter; docs/study.md has their
/// sources.</summary>
internal sealed record StudyCosts
{
    private const double LargestCost = 1e6; // 1 ms; sums of picoseconds over any trace have room
    private const double EntriesWritten = 513; // 512 leaves, and the entry that points to them

    /// <summary>The keys of <c>--cost</c>, each with what it is.</summary>
    internal static IReadOnlyList<(string Key, string Meaning)> Keys { get; } =
    [
        ("leaf", "an entry of a table written or compared"),
        ("table", "a table page allocated, cleared and freed"),
        ("flush", "the processor that flushes all others: sends, waits"),
        ("ipi", "each processor that is interrupted for a flush"),
        ("refill", "each processor after a flush of everything: its TLB fills again"),
        ("fault", "an exception, its handler and the repeated write"),
        ("scan", "a region that a worker or a list looks at"),
        ("l2tlb", "a translation found in the second-level TLB"),
        ("walk", "an entry that a page walk reads"),
    ];

    /// <summary>An entry of a table written or compared.</summary>
    internal double Leaf { get; init; } = 1;

    /// <summary>A table page allocated, cleared and freed.</summary>
    internal double Table { get; init; } = 300;

    /// <summary>The processor that flushes.</summary>
    internal double FlushBase { get; init; } = 1500;

    /// <summary>Each other processor that is interrupted.</summary>
    internal double Ipi { get; init; } = 800;

    /// <summary>Each processor's TLB after a flush of everything.</summary>
    internal double Refill { get; init; } = 700;

    /// <summary>An exception with its handler.</summary>
    internal double Fault { get; init; } = 1500;

    /// <summary>A region that a worker looks at.</summary>
    internal double Scan { get; init; } = 50;

    /// <summary>A translation found in the second-level TLB.</summary>
    internal double SecondLevel { get; init; } = 2;

    /// <summary>An entry that a walk reads.</summary>
    internal double Walk { get; init; } = 10;

    /// <summary>How many processors the host has.</summary>
    internal int Cpus { get; init; } = 128;

    /// <summary>Sizes of the TLBs.</summary>
    internal TlbSizes Tlb { get; init; } = TlbSizes.Zen4;

    /// <summary>A flush of everything on all processors.</summary>
    internal double GlobalFlush => RangedFlush + (Cpus * Refill);

    /// <summary>A flush of single pages on all processors.</summary>
    internal double RangedFlush => FlushBase + ((Cpus - 1) * Ipi);

    /// <summary>A table page and what is written into it.</summary>
    internal double SplitWithoutFlush => Table + (EntriesWritten * Leaf);

    /// <summary>A split of one leaf, with its flush.</summary>
    internal double Split => SplitWithoutFlush + GlobalFlush;

    /// <summary>A join whose flush is another's: 512 entries compared, one written.</summary>
    internal double JoinRiding => EntriesWritten * Leaf;

    /// <summary>The same costs with one of them changed.</summary>
    /// <param name="assignment">KEY=VALUE, nanoseconds.</param>
    /// <param name="costs">The costs.</param>
    /// <returns>What is wrong with it; null if nothing.</returns>
    internal static string? Change(string assignment, ref StudyCosts costs)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        string key = equals < 0 ? assignment : assignment[..equals];
        if (equals < 0 || !double.TryParse(
            assignment.AsSpan(equals + 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            || !(value <= LargestCost))
        {
            return $"'{assignment}' is not KEY=NANOSECONDS, at most {LargestCost:0}";
        }

        StudyCosts? changed = key switch
        {
            "leaf" => costs with { Leaf = value },
            "table" => costs with { Table = value },
            "flush" => costs with { FlushBase = value },
            "ipi" => costs with { Ipi = value },
            "refill" => costs with { Refill = value },
            "fault" => costs with { Fault = value },
            "scan" => costs with { Scan = value },
            "l2tlb" => costs with { SecondLevel = value },
            "walk" => costs with { Walk = value },
            _ => null,
        };
        if (changed is null) return $"'{key}' is no cost; there are {string.Join(", ", Array.ConvertAll([.. Keys], one => one.Key))}";
        costs = changed;
        return null;
    }

    /// <summary>The value of a key.</summary>
    internal double Value(string key) => key switch
    {
        "leaf" => Leaf,
        "table" => Table,
        "flush" => FlushBase,
        "ipi" => Ipi,
        "refill" => Refill,
        "fault" => Fault,
        "scan" => Scan,
        "l2tlb" => SecondLevel,
        _ => Walk,
    };
}
