using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>A non-present paging entry as Linux uses it: the processor ignores all of it, Linux keeps frames and swap entries there.
/// Source: Linux, arch/x86/include/asm/pgtable_64.h and pgtable-invert.h.</summary>
/// <remarks>Since 2018 Linux writes the frame and the swap offset of a non-present entry inverted, so that the address points nowhere
/// (L1TF).</remarks>
internal static class AbsentEntryText
{
    // Bit 51 may be the C-bit, which is not inverted: the bit below tells whether the others are.
    private const int InversionBit = 50;
    private const int HighestAddressBit = 51;
    private const int SwapTypeShift = 59;
    private const int SwapOffsetShift = 9;
    private const int OldSwapTypeShift = 9;
    private const int OldSwapOffsetShift = 14;
    private const ulong SwapTypes = 0x1F;
    private const int FirstSpecialType = 23;
    private const int MarkerBits = 4;

    // With four levels the two bits above are Accessed and Dirty of a page under migration.
    private const int FrameBits = 34;

    /// <summary>The lines about an entry that is not present.</summary>
    /// <param name="entry">The raw value; P is clear.</param>
    /// <param name="level">Level 1 to 5.</param>
    /// <param name="rules">What is known of the processor; its C-bit is not part of a frame.</param>
    /// <returns>What Linux says with it, then the frame or the swap entry.</returns>
    internal static List<EntryField> Fields(PagingEntry entry, PagingLevel level, EntryRules rules)
    {
        if (entry.Value == 0) return [new("linux", "none: nothing is mapped here")];
        if (level >= PagingLevel.PageMapLevel4)
        {
            return [new("linux", "nothing that it writes: entries of this level are present or zero"), Frame(entry, level, rules)];
        }

        if (IsSwap(entry)) return Swap(entry);
        if (entry.Global)
        {
            return [new("linux", "PROT_NONE or NUMA hinting: bit 8 is set and P is clear, the page stays allocated but no access passes"),
                Frame(entry, level, rules), .. Kept(entry)];
        }

        if (IsOldSwap(entry)) return OldSwap(entry, level, rules);
        return [new("linux", "a mapping whose P was taken away: hardware poison, set_memory_np, debug_pagealloc or a direct-map removal"),
            Frame(entry, level, rules), .. Kept(entry)];
    }

    /// <summary>Whether the value has the form of a swap entry: bits 8:4 clear, and an inverted offset of plausible size.</summary>
    private static bool IsSwap(PagingEntry entry) =>
        entry.AvailableHigh == PagingEntry.AvailableHighMask >> PagingEntry.AvailableHighShift && HasNoFlags(entry);

    private static bool IsOldSwap(PagingEntry entry) =>
        HasNoFlags(entry) && entry is { User: false, WriteThrough: false, NoExecute: false, AvailableHigh: 0, ProtectionKey: 0 };

    private static bool HasNoFlags(PagingEntry entry) =>
        entry is { CacheDisable: false, Accessed: false, Dirty: false, LargePage: false, Global: false };

    private static EntryField Frame(PagingEntry entry, PagingLevel level, EntryRules rules)
    {
        PageSize size = level is PagingLevel.PageDirectory or PagingLevel.PageDirectoryPointer && entry.LargePage
            ? level.LeafSize()
            : PageSize.Size4K;
        bool isInverted = ((entry.Value >> InversionBit) & 1) != 0;
        ulong mask = PagingEntry.AddressMask & ~rules.EncryptionMask & ~size.OffsetMask();
        bool hasEncryption = ((entry.Value >> HighestAddressBit) & 1) != 0 != isInverted;
        string encryption = hasEncryption && rules.EncryptionBit is null
            ? "; bit 51 differs from those below and is taken for the C-bit"
            : string.Empty;
        if (hasEncryption) mask &= ~(1UL << HighestAddressBit);
        ulong inverted = ~entry.Value & mask;
        ulong plain = entry.Value & mask;
        return isInverted
            ? new("frame", Text(
                $"0x{inverted:x}  inverted: Linux stores the frame of a non-present entry inverted (L1TF), the stored bits are 0x{plain:x}{encryption}"))
            : new("frame", Text(
                $"0x{plain:x}  as stored, not inverted: by a kernel before 2018 (L1TF), or not by Linux; inverted it would be 0x{inverted:x}{encryption}"));
    }

    /// <summary>The flags that the mapping keeps for when it becomes present again.</summary>
    private static List<EntryField> Kept(PagingEntry entry) =>
    [
        Bit("writable", entry.Writable),
        Bit("user", entry.User),
        Bit("write_through", entry.WriteThrough),
        Bit("cache_disable", entry.CacheDisable),
        Bit("accessed", entry.Accessed),
        Bit("dirty", entry.Dirty),
        Bit("bit_7", entry.LargePage),
        Bit("bit_8", entry.Global),
        new("available", Text($"{entry.Available}")),
        new("available_high", Text($"{entry.AvailableHigh}")),
        new("protection_key", Text($"{entry.ProtectionKey}")),
        Bit("no_execute", entry.NoExecute),
    ];

    private static List<EntryField> Swap(PagingEntry entry)
    {
        int type = (int)(entry.Value >> SwapTypeShift);
        ulong offset = (~entry.Value << (64 - SwapTypeShift)) >> (64 - SwapTypeShift + SwapOffsetShift);
        List<EntryField> fields =
        [
            new("linux", type < FirstSpecialType
                ? Text($"swap entry: the page is in swap file {type}")
                : Text(
                    $"special swap entry of type {type}: hwpoison, migration, device or marker, or swap file {type} of a kernel with few of these; with all of them 23 is hwpoison, 24 to 26 migration, 27 to 30 device, 31 marker")),
            new("swap_type", Text($"{type}")),
            new("swap_offset", Text($"0x{offset:x}  stored inverted (L1TF)")),
        ];
        if (type >= FirstSpecialType && offset >> MarkerBits != 0)
        {
            fields.Add(new("frame", Text(
                $"0x{(offset & ((1UL << FrameBits) - 1)) << PageSize.Size4K.Shift():x}  the inverted offset, of hwpoison, migration and device entries the page's frame")));
        }

        fields.Add(Bit("soft_dirty", entry.Writable));
        fields.Add(Bit("uffd_wp", entry.User));
        fields.Add(Bit("exclusive", entry.WriteThrough));
        return fields;
    }

    private static List<EntryField> OldSwap(PagingEntry entry, PagingLevel level, EntryRules rules) =>
    [
        new("linux", "a swap entry of a kernel before 2018, or a mapping whose P was taken away: the bits fit both"),
        new("swap_type", Text($"{(entry.Value >> OldSwapTypeShift) & SwapTypes}  if it is a swap entry")),
        new("swap_offset", Text($"0x{entry.Value >> OldSwapOffsetShift:x}  if it is a swap entry")),
        Frame(entry, level, rules),
    ];

    private static EntryField Bit(string name, bool value) => new(name, value ? "1" : "0");

    private static string Text(System.FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
