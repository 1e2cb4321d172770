using System;
using System.Globalization;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary>A nested walk in words: each entry of the guest, below it the nested levels that led there, at last those of the
/// page.</summary>
internal sealed class NestedText(Session session, RmpText rmp, ImageMemory memory)
{
    private const string Indent = "    ";
    private const string GuestSpace = "gPA ";

    /// <summary>What is asked.</summary>
    internal void Begin(VirtualAddress address, MemoryAccess access, in NestedPagingState state) => Line(
        $"{Hex(address.Value)}: guest, {EntryLine.Access(access)}, {EntryLine.Levels(state.Guest.Mode)} levels over {EntryLine.Levels(state.Host.Mode)}, root {Hex(state.Guest.Root.Value)}, nested root {Hex(state.Host.Root.Value)}{(state.HasExecuteTrap ? ", GMET" : string.Empty)}");

    /// <summary>The entries read, by levels of the guest.</summary>
    internal void Steps(ReadOnlySpan<WalkStep> steps, NestedWalkResult result, in NestedPagingState state)
    {
        while (!steps.IsEmpty)
        {
            int length = 0;
            while (length < steps.Length && steps[length].Stage != WalkStage.Guest) length++;
            if (length == steps.Length) break;
            WalkStep guest = steps[length];
            Line(
                $"  {PagingEntryText.Name(guest.PagingLevel),-5} at gPA {Hex(guest.Gpa.Value)}, sPA {Hex(guest.Address.Value)}: {EntryLine.Describe(guest.Entry, guest.PagingLevel, state.Guest.EncryptionMask, GuestSpace)}");
            Levels(steps[..length], state);
            rmp.Line(session, Indent + "RMP  ", guest.Address);
            steps = steps[(length + 1)..];
        }

        // What is left led to the page, or to an entry of the guest that was not read.
        if (result.Status is NestedWalkStatus.NonCanonical or NestedWalkStatus.GuestPageFault) return;
        Line($"  {(result.IsFinal ? "page" : PagingEntryText.Name(result.GuestLevel)),-5} at gPA {Hex(result.Gpa.Value)}");
        Levels(steps, state);
        if (result.NestedStatus == WalkStatus.Mapped) rmp.Line(session, Indent + "RMP  ", result.Address);
    }

    /// <summary>The reserved bits that the last entry read has set, if it is their fault.</summary>
    internal void Reserved(ReadOnlySpan<WalkStep> steps, NestedWalkResult result, in NestedPagingState state, int width)
    {
        bool isGuest = result.Status == NestedWalkStatus.GuestPageFault;
        bool isMalformed = (isGuest ? result.GuestStatus : result.NestedStatus) == WalkStatus.MalformedEntry;
        if (!isMalformed || steps.IsEmpty) return;
        WalkStep last = steps[^1];
        PagingState paging = isGuest ? state.Guest : state.Host;
        Line((isGuest ? "  " : Indent) + ReservedText.Of(paging.ReservedBitsOf(last.Entry, last.PagingLevel), width));
    }

    /// <summary>How it ended.</summary>
    internal void End(NestedWalkResult result, in NestedPagingState state)
    {
        switch (result.Status)
        {
            case NestedWalkStatus.Mapped:
                string kind = !state.IsEncrypted ? string.Empty : result.IsPrivate ? ", private" : ", shared";
                Line(
                    $"page: {Hex(result.Address.Value)}, {result.Size.ShortName()}, {EntryLine.Rights(result.Rights)}; gPA {Hex(result.Gpa.Value)}, {result.GuestSize.ShortName()} over {result.NestedSize.ShortName()}{kind}");
                break;
            case NestedWalkStatus.NonCanonical:
                Line("fault: #GP(0) in the guest, or #SS(0) for a stack access: the address is not canonical, nothing is walked");
                break;
            case NestedWalkStatus.GuestPageFault:
                WalkResult end = new(
                    PhysicalAddress.Create(result.Gpa.Value), result.ErrorCode, result.GuestStatus, result.GuestLevel, result.GuestSize,
                    result.GuestRights);
                Line(
                    $"fault: #PF {Hex(result.ErrorCode)} ({CodeWords.Names(PageFaultText.Fields(result.ErrorCode))}) in the guest: {WalkText.Reason(end, hasRefusedEntry: false, GuestSpace)}");
                break;
            case NestedWalkStatus.NotValidated:
                Line($"fault: #VC {Hex(result.ErrorCode)} in the guest: the {Place(result)} is not validated");
                break;
            case NestedWalkStatus.OutsideMemory:
                Line($"end: the {Outside(result)} {AbsenceText.Of(memory, result.Address)}");
                break;
            default:
                Line(
                    $"fault: #VMEXIT(NPF), EXITINFO1 {Hex(result.ExitInfo1.Value)} ({CodeWords.Names(NestedFaultText.Fields(result.ExitInfo1.Value))}), EXITINFO2 {Hex(result.ExitInfo2.Value)}: {Reason(result, state)}");
                break;
        }
    }

    /// <summary>What the image does not hold.</summary>
    internal static string Outside(NestedWalkResult result) => result.NestedStatus == WalkStatus.OutsideMemory
        ? $"nested {PagingEntryText.Name(result.NestedLevel)} at {Hex(result.Address.Value)}"
        : $"guest's {PagingEntryText.Name(result.GuestLevel)} at gPA {Hex(result.Gpa.Value)}, sPA {Hex(result.Address.Value)},";

    private static string Reason(NestedWalkResult result, in NestedPagingState state)
    {
        if (!state.Host.Mode.IsFiveLevel() && result.Gpa.Value >> state.Host.Mode.AddressBits() != 0)
        {
            return "the nested tables do not reach that far";
        }

        WalkResult end = new(result.Address, 0, result.NestedStatus, result.NestedLevel, result.NestedSize, result.NestedRights);
        return result.NestedStatus == WalkStatus.Mapped
            ? $"the {Place(result)}: {NestedFaultText.Meaning(result.ExitInfo1.Value)}"
            : "in the nested tables, " + WalkText.Reason(end, hasRefusedEntry: true) + Trap(result, state);
    }

    private static string Trap(NestedWalkResult result, in NestedPagingState state)
    {
        const PagingRights UserCode = PagingRights.User | PagingRights.Execute;
        bool isTrap = state.HasExecuteTrap && result.NestedStatus == WalkStatus.RightsViolation && result.ExitInfo1.Fetch
            && (result.NestedRights & PagingRights.Execute) != 0;
        return !isTrap
            ? string.Empty
            : (result.NestedRights & UserCode) == UserCode
            ? ": GMET keeps supervisor code from user pages"
            : ": GMET keeps user code from supervisor pages";
    }

    private static string Place(NestedWalkResult result) =>
        $"{(result.IsFinal ? "page" : "guest's " + PagingEntryText.Name(result.GuestLevel))} at gPA {Hex(result.Gpa.Value)}, sPA {Hex(result.Address.Value)}";

    private void Levels(ReadOnlySpan<WalkStep> steps, in NestedPagingState state)
    {
        foreach (WalkStep step in steps)
        {
            Line(
                string.Create(CultureInfo.InvariantCulture,
                $"{Indent}{PagingEntryText.Name(step.PagingLevel),-5} at 0x{step.Address.Value:x}: {EntryLine.Describe(step.Entry, step.PagingLevel, state.Host.EncryptionMask)}"));
        }
    }

    private void Line(string text) => session.Output.WriteLine(text);

    private static string Hex(ulong value) => EntryLine.Hex(value);
}
