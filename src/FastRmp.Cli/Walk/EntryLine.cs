using System.Globalization;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary>The words that walks of all kinds share.</summary>
internal static class EntryLine
{
    /// <summary>An entry's raw value, its flags, what it is, and where it leads.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="level">Its level.</param>
    /// <param name="encryptionMask">The C-bit in its place, or zero.</param>
    /// <param name="space">Before the address where it leads, if that is not a system physical one.</param>
    internal static string Describe(PagingEntry entry, PagingLevel level, ulong encryptionMask, string space = "")
    {
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{entry.Value:x16} {PagingEntryText.Flags(entry, level)}  {PagingEntryText.Kind(entry, level)}");
        if (!entry.Present) return text;
        text += $" at {space}{Target(new PagingEntry(entry.Value & ~encryptionMask), level)}";
        if ((entry.Value & encryptionMask) != 0) text += ", C-bit";
        if (PagingEntryText.IsLeaf(entry, level) && entry.ProtectionKey != 0)
        {
            text += string.Create(CultureInfo.InvariantCulture, $", key {entry.ProtectionKey}");
        }

        return text;
    }

    /// <summary>The access that a processor makes: its privilege and its kind.</summary>
    internal static string Access(MemoryAccess access)
    {
        string mode = access.IsUser ? "user" : access.MayTouchUserPages ? "kernel, AC = 1," : "kernel";
        return $"{mode} {(access.IsShadowStack ? "shadow-stack " : string.Empty)}{Kind(access.Kind)}";
    }

    internal static string Rights(PagingRights rights)
    {
        string user = (rights & PagingRights.User) != 0 ? "user" : "supervisor";
        string write = (rights & PagingRights.Write) != 0 ? "writable" : "read-only";
        return $"{user}, {write}, {((rights & PagingRights.Execute) != 0 ? "executable" : "no-execute")}";
    }

    internal static string Levels(PagingMode mode) => mode.IsFiveLevel() ? "five" : "four";

    internal static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static string Kind(AccessKind kind) => kind switch
    {
        AccessKind.Write => "write",
        AccessKind.Fetch => "fetch",
        _ => "read",
    };

    private static string Target(PagingEntry entry, PagingLevel level)
    {
        bool isLeaf = PagingEntryText.IsLeaf(entry, level);
        return Hex(isLeaf ? entry.Address.AlignDown(level.LeafSize()).Value : entry.Address.Value);
    }
}
