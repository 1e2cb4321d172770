using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>A paging entry of any level in words. Source: AMD64 APM vol. 2, chapter 5, long-mode paging.</summary>
internal static class PagingEntryText
{
    private const string Letters = "XGPDACTUW";

    /// <summary>Whether a present entry maps a page: a PTE always, a PDE and a PDPE with PS.</summary>
    internal static bool IsLeaf(PagingEntry entry, PagingLevel level) =>
        level == PagingLevel.PageTable || (level <= PagingLevel.PageDirectoryPointer && entry.LargePage);

    /// <summary>The manual's name of an entry.</summary>
    /// <param name="level">Level 1 to 5.</param>
    /// <returns>PTE, PDE, PDPE, PML4E or PML5E.</returns>
    internal static string Name(PagingLevel level) => level switch
    {
        PagingLevel.PageTable => "PTE",
        PagingLevel.PageDirectory => "PDE",
        PagingLevel.PageDirectoryPointer => "PDPE",
        PagingLevel.PageMapLevel4 => "PML4E",
        _ => "PML5E",
    };

    /// <summary>What an entry is, in a few words.</summary>
    internal static string Kind(PagingEntry entry, PagingLevel level)
    {
        if (!entry.Present) return "not present: all other bits are ignored";
        return IsLeaf(entry, level) ? $"maps a page of {level.LeafSize().ShortName()}" : $"points to a table of {Name(level - 1)}s";
    }

    /// <summary>The letters of <c>map</c> and QEMU's <c>info tlb</c>, with P for a page larger than 4K; a table-pointing entry has neither
    /// G nor D.</summary>
    internal static string Flags(PagingEntry entry, PagingLevel level)
    {
        bool isLeaf = IsLeaf(entry, level);
        return string.Create(Letters.Length, (entry, level, isLeaf), static (text, state) =>
        {
            (PagingEntry value, PagingLevel at, bool leaf) = state;
            Letters.CopyTo(text);
            if (!value.NoExecute) text[0] = '-';
            if (!leaf || !value.Global) text[1] = '-';
            if (!leaf || at == PagingLevel.PageTable) text[2] = '-';
            if (!leaf || !value.Dirty) text[3] = '-';
            if (!value.Accessed) text[4] = '-';
            if (!value.CacheDisable) text[5] = '-';
            if (!value.WriteThrough) text[6] = '-';
            if (!value.User) text[7] = '-';
            if (!value.Writable) text[8] = '-';
        });
    }

    /// <summary>Every field by its name.</summary>
    /// <param name="entry">The raw value.</param>
    /// <param name="level">Level 1 to 5.</param>
    /// <param name="rules">What is known of the processor.</param>
    /// <returns>What the entry is; of a present one the fields from bit 0 upwards and the reserved bits, of another one what Linux keeps in
    /// it.</returns>
    internal static List<EntryField> Fields(PagingEntry entry, PagingLevel level, EntryRules rules)
    {
        List<EntryField> fields = [new("entry", Name(level)), new("kind", Kind(entry, level))];
        if (ValuePattern.Of(entry.Value) is { } pattern) fields.Add(new("looks_like", pattern));
        fields.Add(Bit("present", entry.Present));
        fields.AddRange(entry.Present ? PresentFields(entry, level, rules) : AbsentEntryText.Fields(entry, level, rules));
        fields.AddRange(ReservedBits.Fields(entry, level, rules));
        return fields;
    }

    private static List<EntryField> PresentFields(PagingEntry entry, PagingLevel level, EntryRules rules)
    {
        bool isLeaf = IsLeaf(entry, level);
        List<EntryField> fields =
        [
            Bit("writable", entry.Writable),
            Bit("user", entry.User),
            Bit("write_through", entry.WriteThrough),
            Bit("cache_disable", entry.CacheDisable),
            Bit("accessed", entry.Accessed),
            Bit(isLeaf ? "dirty" : "ignored_6", entry.Dirty),
        ];
        if (level is PagingLevel.PageDirectory or PagingLevel.PageDirectoryPointer) fields.Add(Bit("page_size", entry.LargePage));
        PagingEntry stripped = new(entry.Value & ~rules.EncryptionMask);
        if (isLeaf) Leaf(fields, stripped, level);
        else Table(fields, stripped, level);
        if (rules.EncryptionBit is not null) fields.Add(Bit("c_bit", (entry.Value & rules.EncryptionMask) != 0));
        fields.Add(Bit("no_execute", entry.NoExecute));
        if (entry.NoExecute) fields.Add(new("note", "bit 63 (NX) is reserved if EFER.NXE is 0"));
        if (isLeaf && level == PagingLevel.PageDirectoryPointer && rules.Processor is null)
        {
            fields.Add(new("note", "bit 7 is reserved where the processor has no 1G pages"));
        }

        return fields;
    }

    private static void Leaf(List<EntryField> fields, PagingEntry entry, PagingLevel level)
    {
        PageSize size = level.LeafSize();
        const ulong Available = PagingEntry.AvailableMask & ~PagingEntry.Kernel4KMask; // [10:9]
        fields.Add(Bit("pat", entry.PatOf(size)));
        fields.Add(Bit("global", entry.Global));
        fields.Add(new("available", Number((int)((entry.Value & Available) >> PagingEntry.AvailableShift))));
        fields.Add(new("available_11", entry.Kernel4K ? "1  Linux, kernel mappings: never make it part of a large page again" : "0"));
        fields.Add(new("page", Hex(entry.PageOf(size).Value)));
        fields.Add(new("available_high", Number(entry.AvailableHigh)));
        fields.Add(new("protection_key", Number(entry.ProtectionKey)));
    }

    private static void Table(List<EntryField> fields, PagingEntry entry, PagingLevel level)
    {
        if (level <= PagingLevel.PageDirectoryPointer) fields.Add(Bit("ignored_8", entry.Global));
        fields.Add(new("available", Number(entry.Available)));
        fields.Add(new("table", Hex(entry.Address.Value)));
        const ulong AvailableHigh = PagingEntry.ProtectionKeyMask | PagingEntry.AvailableHighMask; // a table's entry has no key
        fields.Add(new("available_high", Number((int)((entry.Value & AvailableHigh) >> PagingEntry.AvailableHighShift))));
    }

    private static EntryField Bit(string name, bool value) => new(name, value ? "1" : "0");

    private static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
