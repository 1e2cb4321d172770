using System;
using System.Globalization;
using System.Numerics;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary>A walk in words: what is asked, a line for each level, and how it ended.</summary>
internal sealed class WalkText(Session session, ImageMemory memory)
{
    /// <summary>What is asked.</summary>
    internal void Begin(VirtualAddress address, MemoryAccess access, in PagingState state, int? cpu)
    {
        string owner = cpu is { } number ? string.Create(CultureInfo.InvariantCulture, $" of processor {number}") : string.Empty;
        Line(
            $"{Hex(address.Value)}: {EntryLine.Access(access)}, {EntryLine.Levels(state.Mode)} levels, root {Hex(state.Root.Value)}{owner}");
    }

    /// <summary>A line for each entry read.</summary>
    /// <param name="steps">The entries.</param>
    /// <param name="encryptionMask">The C-bit in its place, or zero.</param>
    internal void Steps(ReadOnlySpan<WalkStep> steps, ulong encryptionMask)
    {
        foreach (WalkStep step in steps)
        {
            Line(
                $"  {PagingEntryText.Name(step.PagingLevel),-5} at {Hex(step.Address.Value)}: {EntryLine.Describe(step.Entry, step.PagingLevel, encryptionMask)}");
            if (!step.Entry.Present && step.Entry.Value != 0) Absent(step, encryptionMask);
        }
    }

    // The processor ignores such an entry; Linux may have a frame or a swap entry in it.
    private void Absent(WalkStep step, ulong encryptionMask)
    {
        EntryRules rules =
            new(Processor: null, Width: null, EncryptionBit: encryptionMask == 0 ? null : BitOperations.Log2(encryptionMask));
        foreach (EntryField field in AbsentEntryText.Fields(step.Entry, step.PagingLevel, rules))
        {
            if (field.Name is "linux" or "frame" or "swap_type" or "swap_offset") Line($"    {field.Name}: {field.Value}");
        }
    }

    /// <summary>The reserved bits that the last entry read has set.</summary>
    /// <param name="step">The entry.</param>
    /// <param name="state">The state of the walk.</param>
    /// <param name="width">The physical-address width.</param>
    internal void Reserved(WalkStep step, in PagingState state, int width) =>
        Line("  " + ReservedText.Of(state.ReservedBitsOf(step.Entry, step.PagingLevel), width));

    /// <summary>How it ended: a page, a fault, or the edge of the image.</summary>
    /// <param name="result">The outcome.</param>
    /// <param name="hasRefusedEntry">Whether an RMP violation is one of the walker's own write.</param>
    internal void End(WalkResult result, bool hasRefusedEntry)
    {
        switch (result.Status)
        {
            case WalkStatus.Mapped:
                Line($"page: {Hex(result.Address.Value)}, {result.Size.ShortName()}, {EntryLine.Rights(result.Rights)}");
                break;
            case WalkStatus.NonCanonical:
                Line("fault: #GP(0), or #SS(0) for a stack access: the address is not canonical, nothing is walked");
                break;
            case WalkStatus.OutsideMemory:
                Line($"end: the {Entry(result)} {AbsenceText.Of(memory, result.Address)}");
                break;
            default:
                Line(
                    $"fault: #PF {Hex(result.ErrorCode)} ({CodeWords.Names(PageFaultText.Fields(result.ErrorCode))}): {Reason(result, hasRefusedEntry)}");
                break;
        }
    }

    /// <summary>The entry at which a walk ended.</summary>
    internal static string Entry(WalkResult result, string space = "") =>
        $"{PagingEntryText.Name(result.Level)} at {space}{Hex(result.Address.Value)}";

    /// <summary>Why a walk over one kind of tables failed.</summary>
    /// <param name="result">The outcome.</param>
    /// <param name="hasRefusedEntry">Whether an RMP violation is one of the walker's own write.</param>
    /// <param name="space">Before addresses that are not system physical ones.</param>
    internal static string Reason(WalkResult result, bool hasRefusedEntry, string space = "")
    {
        string entry = Entry(result, space);
        string page = $"the page at {space}{Hex(result.Address.Value)}, {result.Size.ShortName()}";
        return result.Status switch
        {
            WalkStatus.NotPresent => $"the {entry} is not present",
            WalkStatus.MalformedEntry => $"the {entry} has a reserved bit set",
            WalkStatus.RmpViolation when hasRefusedEntry => $"the RMP forbids the walker to mark the {entry}",
            WalkStatus.RmpViolation => $"the RMP forbids it for {page}",
            _ when new PageFaultErrorCode(result.ErrorCode).ProtectionKey => $"the protection key of {page}, forbids it",
            _ when new PageFaultErrorCode(result.ErrorCode) is { ShadowStack: true } code =>
                $"{page}, {EntryLine.Rights(result.Rights)}, is not a shadow stack of a {(code.User ? "user" : "supervisor")}: Dirty and read-only in its own entry alone",
            _ => $"{page}, {EntryLine.Rights(result.Rights)}, does not allow it",
        };
    }

    private void Line(string text) => session.Output.WriteLine(text);

    private static string Hex(ulong value) => EntryLine.Hex(value);
}
