using System.Collections.Generic;
using System.Globalization;
using System.Text;
using FastRmp.Paging;

namespace FastRmp.Judges.Nested;

/// <summary>What a row says of its access.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Code">The #PF error code or EXITINFO1.</param>
/// <param name="Ignored">The bits of the code that are not compared.</param>
/// <param name="ExitInfo2">EXITINFO2 of a nested page fault.</param>
/// <param name="Spa">Where an allowed access went.</param>
/// <param name="MayMarkMore">Whether A and D bits that the emulator did not set may be set as well.</param>
internal readonly record struct NestedExpectation(
    NestedWalkStatus Outcome, ulong Code, ulong Ignored, ulong ExitInfo2, ulong Spa, bool MayMarkMore)
{
    private const ulong AccessedAndDirty = 0x60;

    internal static NestedExpectation Of(Rows rows)
    {
        NestedWalkStatus outcome = rows.OneOf("outcome", "ok", "pf", "npf", "gp") switch
        {
            0 => NestedWalkStatus.Mapped,
            1 => NestedWalkStatus.GuestPageFault,
            2 => NestedWalkStatus.NestedPageFault,
            _ => NestedWalkStatus.NonCanonical,
        };
        bool hasCode = outcome is NestedWalkStatus.GuestPageFault or NestedWalkStatus.NestedPageFault;
        return new NestedExpectation(
            outcome,
            hasCode ? rows.Hex("code") : 0,
            rows.HexOrZero("ignore"),
            outcome == NestedWalkStatus.NestedPageFault ? rows.Hex("info2") : 0,
            outcome == NestedWalkStatus.Mapped ? rows.Hex("spa") : 0,
            rows.OneOf("marks", "exact", "subset") == 1);
    }

    /// <summary>Where a walk and the row differ, a line for each respect; empty where they agree.</summary>
    /// <param name="result">The walk.</param>
    /// <param name="entries">The row's entries.</param>
    /// <param name="memory">The memory after the walk.</param>
    internal string Difference(NestedWalkResult result, List<NestedEntry> entries, NestedMemory memory)
    {
        StringBuilder lines = new();
        if (result.Status != Outcome)
        {
            Line(lines, $"outcome: expected {Outcome}, is {result.Status}, {Code:x}, {result.ErrorCode | result.ExitInfo1.Value:x}");
        }
        else if (((Code ^ (result.ErrorCode | result.ExitInfo1.Value)) & ~Ignored) != 0)
        {
            Line(lines, $"code: expected {Code:x} but for {Ignored:x}, is {result.ErrorCode | result.ExitInfo1.Value:x}");
        }

        if (result.Status == Outcome && Outcome == NestedWalkStatus.NestedPageFault && result.ExitInfo2.Value != ExitInfo2)
        {
            Line(lines, $"info2: expected {ExitInfo2:x}, is {result.ExitInfo2.Value:x}");
        }

        if (result.Status == Outcome && Outcome == NestedWalkStatus.Mapped && result.Address.Value != Spa)
        {
            Line(lines, $"spa: expected {Spa:x}, is {result.Address.Value:x}");
        }

        foreach (NestedEntry entry in entries)
        {
            ulong now = memory[entry.Address];
            ulong different = (now ^ entry.After) & ~entry.Ignored;
            if (MayMarkMore) different &= ~(now & AccessedAndDirty);
            if (different != 0)
            {
                Line(
                    lines,
                    $"{entry.Role}@{entry.Address:x}: before {entry.Before:x}, expected {entry.After:x} but for {entry.Ignored:x}, is {now:x}");
            }
        }

        if (memory.Written != 0) Line(lines, $"wrote {memory.Written} quadwords that the row does not list");
        return lines.ToString().TrimEnd('\n');
    }

    private static void Line(StringBuilder lines, System.FormattableString text) =>
        lines.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
