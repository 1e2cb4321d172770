using System.Globalization;
using FastRmp.Addressing;
using FastRmp.Cli.Decode;
using FastRmp.Cli.Shell;
using FastRmp.Layouts;
using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary>A walk in words: what is asked, a line for each level, and how it ended.</summary>
internal sealed class WalkText(Session session)
{
    /// <summary>What is asked.</summary>
    internal void Begin(VirtualAddress address, MemoryAccess access, in PagingState state, int? cpu)
    {
        string mode = access.IsUser ? "user" : access.MayTouchUserPages ? "kernel, AC = 1," : "kernel";
        string kind = access.Kind switch
        {
            AccessKind.Write => "write",
            AccessKind.Fetch => "fetch",
            _ => "read",
        };
        string owner = cpu is { } number ? string.Create(CultureInfo.InvariantCulture, $" of processor {number}") : string.Empty;
        Line($"{Hex(address.Value)}: {mode} {kind}, {(state.Mode == PagingMode.FiveLevel ? "five" : "four")} levels, root {Hex(state.Root.Value)}{owner}");
    }

    /// <summary>A line for each entry read.</summary>
    /// <param name="trace">The entries.</param>
    /// <param name="state">For the C-bit.</param>
    internal void Steps(in WalkTrace trace, in PagingState state)
    {
        foreach (WalkStep step in trace.Steps)
        {
            Step(step, state.EncryptionMask);
        }
    }

    /// <summary>How it ended: a page, a fault, or the edge of the image.</summary>
    internal void End(Translation result)
    {
        switch (result.Status)
        {
            case WalkStatus.Mapped:
                Line($"page: {Hex(result.Address.Value)}, {result.Size.ShortName()}, {Rights(result.Rights)}");
                break;
            case WalkStatus.NonCanonical:
                Line("fault: #GP(0), or #SS(0) for a stack access: the address is not canonical, nothing is walked");
                break;
            case WalkStatus.OutsideMemory:
                Line($"end: the {Entry(result)} is not in the image");
                break;
            default:
                Fault(result);
                break;
        }
    }

    /// <summary>The entry at which a walk ended.</summary>
    internal static string Entry(Translation result) => $"{PagingEntryText.Name(result.Level)} at {Hex(result.Address.Value)}";

    private void Step(WalkStep step, ulong encryptionMask)
    {
        PagingEntry entry = step.Entry;
        string line = string.Create(CultureInfo.InvariantCulture, $"  {PagingEntryText.Name(step.Level),-5} at {Hex(step.Address.Value)}: {entry.Value:x16} {PagingEntryText.Flags(entry, step.Level)}  {PagingEntryText.Kind(entry, step.Level)}");
        if (entry.Present) line += Target(new PagingEntry(entry.Value & ~encryptionMask), step.Level);
        if (entry.Present && (entry.Value & encryptionMask) != 0) line += ", C-bit";
        if (entry.Present && PagingEntryText.IsLeaf(entry, step.Level) && entry.ProtectionKey != 0) line += string.Create(CultureInfo.InvariantCulture, $", key {entry.ProtectionKey}");
        Line(line);
    }

    private static string Target(PagingEntry entry, PagingLevel level)
    {
        bool isLeaf = PagingEntryText.IsLeaf(entry, level);
        return $" at {Hex(isLeaf ? entry.Address.AlignDown(level.LeafSize()).Value : entry.Address.Value)}";
    }

    private void Fault(Translation result)
    {
        string reason = result.Status switch
        {
            WalkStatus.NotPresent => $"the {Entry(result)} is not present",
            WalkStatus.MalformedEntry => $"the {Entry(result)} has a reserved bit set",
            WalkStatus.RmpViolation => "the RMP forbids it",
            _ when new PageFaultErrorCode(result.ErrorCode).ProtectionKey => $"the protection key of the page at {Hex(result.Address.Value)}, {result.Size.ShortName()}, forbids it",
            _ => $"the page at {Hex(result.Address.Value)}, {result.Size.ShortName()}, {Rights(result.Rights)}, does not allow it",
        };
        Line($"fault: #PF {Hex(result.ErrorCode)} ({CodeDecoder.Names(PageFaultText.Fields(result.ErrorCode))}): {reason}");
    }

    private static string Rights(PagingRights rights)
    {
        string user = (rights & PagingRights.User) != 0 ? "user" : "supervisor";
        string write = (rights & PagingRights.Write) != 0 ? "writable" : "read-only";
        return $"{user}, {write}, {((rights & PagingRights.Execute) != 0 ? "executable" : "no-execute")}";
    }

    private void Line(string text) => session.Output.WriteLine(text);

    private static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
}
