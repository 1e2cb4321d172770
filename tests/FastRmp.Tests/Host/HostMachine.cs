using System;
using System.Collections.Generic;
using FastRmp.Reference;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.Host;

/// <summary>The machine of the random comparison: ranges of every kind, and the pages in them that are used most.</summary>
internal static class HostMachine
{
    /// <summary>RMP coverage ends inside the last range.</summary>
    internal const ulong Covered = (7 * Giant) + (2 * Large);

    /// <summary>
    /// A ragged one, one with a ragged head, a whole 1G, one with a ragged tail, two that touch inside a GiB, and two GiB.
    /// </summary>
    internal static PhysicalRange[] Ram { get; } =
    [
        RangeAt(0x1000, 0x9E000),
        RangeAt(0x10_0000, (3 * Large) - 0x10_0000),
        RangeAt(Giant, Giant),
        RangeAt(2 * Giant, (5 * Large) + (3 * Small)),
        RangeAt(4 * Giant, Giant / 2),
        RangeAt((4 * Giant) + (Giant / 2), Giant / 2),
        RangeAt(6 * Giant, 2 * Giant),
    ];

    private static ulong[] Regions { get; } =
    [
        0, Large, Giant, Giant + Large, (2 * Giant) - Large, 2 * Giant, (2 * Giant) + (5 * Large), 3 * Giant,
        (4 * Giant) + (Giant / 2) - Large, (4 * Giant) + (Giant / 2), 6 * Giant, (7 * Giant) + Large, (7 * Giant) + (2 * Large),
    ];

    private static ulong[] Pages { get; } = [0, 0, 1, 255, 511];

    internal static IEnumerable<ReferenceRange> ReferenceRam
    {
        get
        {
            foreach (PhysicalRange range in Ram)
            {
                yield return new ReferenceRange(range.Start.Value, range.End - 1);
            }
        }
    }

    internal static IReadOnlyList<ulong> HotRegions => Regions;

    internal static ulong AnyPage(Random random)
    {
        if (random.Next(40) == 0) return (ulong)random.NextInt64((long)(9 * Giant)) & ~(Small - 1);
        return AnyRegion(random) + (Pages[random.Next(Pages.Length)] * Small);
    }

    /// <summary>Mostly few regions, so that they become whole again now and then.</summary>
    internal static ulong AnyRegion(Random random) => Regions[random.Next(random.Next(2) == 0 ? Regions.Length : 6)];

    /// <summary>The same operand in both forms.</summary>
    internal static (RmpUpdateOperand Operand, ReferenceUpdateInput Input) AnyAssignment(Random random, bool large)
    {
        ulong gpa = (ulong)random.Next(4) * Large;
        uint asid = random.Next(30) == 0 ? (uint)random.Next(1000, 1100) : (uint)random.Next(4);
        bool immutable = random.Next(600) == 0;
        bool reserved = random.Next(200) == 0;
        RmpUpdateOperand operand = HostRig<FastRmp.DirectMap.Never>.Assigning(large ? PageSize.Size2M : PageSize.Size4K, asid, gpa) with
        {
            Immutable = immutable,
        };
        if (reserved) operand = new RmpUpdateOperand(operand.Low, operand.High | 2);
        return (
            operand,
            new ReferenceUpdateInput
            {
                Gpa = gpa,
                Assigned = true,
                Large = large,
                Immutable = immutable,
                Asid = asid,
                ReservedNonZero = reserved,
            });
    }
}
