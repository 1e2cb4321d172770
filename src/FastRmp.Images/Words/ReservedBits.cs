using System.Collections.Generic;
using System.Globalization;
using System.Numerics;

namespace FastRmp.Images;

/// <summary>Which bits of a present entry are reserved, which only on some processors, and which are not. Source: AMD64 APM vol. 2, chapter
/// 5; for bit 8 of upper entries also Linux's KVM.</summary>
internal static class ReservedBits
{
    /// <summary>Bits above this one are named when they are fine: narrower processors exist.</summary>
    internal const int NarrowestWidth = 36;

    private const int HighestAddressBit = 51;
    private const int LikelyEncryptionBit = 51;

    /// <summary>The reserved bits that are set, by what is known.</summary>
    /// <param name="entry">A present entry.</param>
    /// <param name="level">Level 1 to 5.</param>
    /// <param name="rules">What is known of the processor.</param>
    /// <returns>Bits that are reserved beyond doubt; conditions are not in it.</returns>
    internal static ulong Known(PagingEntry entry, PagingLevel level, EntryRules rules) =>
        ByForm(entry, level) | ByVendor(entry, level, rules) | ByWidth(entry, rules);

    /// <summary>The lines about reserved bits.</summary>
    /// <param name="entry">The raw value.</param>
    /// <param name="level">Level 1 to 5.</param>
    /// <param name="rules">What is known of the processor.</param>
    /// <returns>At least one line; each begins with the bits that are reserved, or with <c>none</c>.</returns>
    internal static List<EntryField> Fields(PagingEntry entry, PagingLevel level, EntryRules rules)
    {
        if (!entry.Present) return [new("reserved", "none  not present: all bits are ignored")];
        List<EntryField> fields = [];
        ulong form = ByForm(entry, level);
        if (form != 0) Add(fields, form, $"{Names(form)} must be zero in a {Form(entry, level)}: #PF with RSVD");
        Width(fields, entry, rules);
        Vendor(fields, entry, level, rules);
        if (fields.Count == 0) fields.Add(new("reserved", Fine(entry, level, rules)));
        if (IsIgnoredBit8(entry, level, rules))
        {
            fields.Add(
                new(
                    "ignored",
                    level >= PagingLevel.PageMapLevel4
                        ? "bit 8 is ignored on this processor, not reserved"
                        : "bit 8 is ignored in an entry that points to a table, not reserved"));
        }

        return fields;
    }

    /// <summary>Bits by their numbers, lowest first: <c>bit 39</c>, <c>bits 13, 14</c>.</summary>
    internal static string Names(ulong bits)
    {
        List<string> numbers = [];
        for (ulong rest = bits; rest != 0; rest &= rest - 1)
        {
            numbers.Add("bit " + BitOperations.TrailingZeroCount(rest).ToString(CultureInfo.InvariantCulture));
        }

        return string.Join(", ", numbers);
    }

    private static void Width(List<EntryField> fields, PagingEntry entry, EntryRules rules)
    {
        if (rules.UsableWidth is null)
        {
            for (int bit = HighestAddressBit; bit >= NarrowestWidth; bit--)
            {
                ulong mask = rules.AddressBits(entry) & (1UL << bit);
                if (mask == 0) continue;
                string encrypted = bit == LikelyEncryptionBit && rules.EncryptionBit is null ? ", unless it is the C-bit" : string.Empty;
                Add(
                    fields, mask,
                    string.Create(CultureInfo.InvariantCulture, $"bit {bit} is reserved if MAXPHYADDR is {bit} or less{encrypted}"));
            }

            return;
        }

        ulong tooWide = ByWidth(entry, rules);
        if (tooWide != 0)
        {
            string encrypted = rules.MayBeEncrypted && (tooWide & (1UL << LikelyEncryptionBit)) != 0
                ? "; bit 51 is the C-bit if memory encryption is on (--c-bit 51)"
                : string.Empty;
            Add(fields, tooWide, $"{Names(tooWide)}: {rules.WidthText}: #PF with RSVD{encrypted}");
        }

        if (!rules.MayBeEncrypted) return;
        ulong reduced = rules.AddressBits(entry) & ~tooWide & ~((1UL << rules.EncryptedWidth) - 1) & ~(1UL << LikelyEncryptionBit);
        if (reduced != 0)
        {
            Add(
                fields, reduced,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Names(reduced)}: only if memory encryption is on, which leaves {rules.EncryptedWidth} address bits (--c-bit 51)"));
        }
    }

    private static void Vendor(List<EntryField> fields, PagingEntry entry, PagingLevel level, EntryRules rules)
    {
        ulong vendor = ByVendor(entry, level, rules);
        if (vendor != 0)
        {
            Add(
                fields,
                vendor,
                $"{Names(vendor)}: {(vendor == PagingEntry.GlobalMask ? "AMD processors want zero here, Intel's ignore it" : "a processor without 1G pages")}: #PF with RSVD");
        }

        if (rules.Processor is null && level >= PagingLevel.PageMapLevel4 && entry.Global)
        {
            Add(fields, PagingEntry.GlobalMask, "bit 8 is reserved on AMD processors; on Intel's it is ignored");
        }
    }

    private static string Fine(PagingEntry entry, PagingLevel level, EntryRules rules)
    {
        ulong high = rules.AddressBits(entry) & ~((1UL << NarrowestWidth) - 1);
        if (high != 0) return $"none  {Names(high)}: not reserved, {rules.WidthText}";
        return IsIgnoredBit8(entry, level, rules) ? "none" : "none  every bit that is set is one of the entry's form, not reserved";
    }

    private static ulong ByForm(PagingEntry entry, PagingLevel level) => entry.Value & level switch
    {
        >= PagingLevel.PageMapLevel4 => PagingEntry.LargePageMask,
        PagingLevel.PageDirectoryPointer or PagingLevel.PageDirectory when entry.LargePage => PagingEntry.ReservedMaskOf(level.LeafSize()),
        _ => 0,
    };

    private static ulong ByVendor(PagingEntry entry, PagingLevel level, EntryRules rules)
    {
        if (rules.Processor is not { } processor) return 0;
        if (level >= PagingLevel.PageMapLevel4) return processor.ReservesUpperBit8 ? entry.Value & PagingEntry.GlobalMask : 0;
        return level == PagingLevel.PageDirectoryPointer && !processor.HasGigabytePages ? entry.Value & PagingEntry.LargePageMask : 0;
    }

    private static ulong ByWidth(PagingEntry entry, EntryRules rules) =>
        rules.UsableWidth is { } width ? rules.AddressBits(entry) & ~((1UL << width) - 1) : 0;

    private static bool IsIgnoredBit8(PagingEntry entry, PagingLevel level, EntryRules rules)
    {
        if (!entry.Global || PagingEntryText.IsLeaf(entry, level)) return false;
        return level < PagingLevel.PageMapLevel4 || rules.Processor is { ReservesUpperBit8: false };
    }

    private static string Form(PagingEntry entry, PagingLevel level) =>
        PagingEntryText.IsLeaf(entry, level)
            ? $"{PagingEntryText.Name(level)} of a page of {level.LeafSize().ShortName()}"
            : PagingEntryText.Name(level);

    private static void Add(List<EntryField> fields, ulong bits, string why) =>
        fields.Add(new("reserved", string.Create(CultureInfo.InvariantCulture, $"0x{bits:x}  {why}")));
}
