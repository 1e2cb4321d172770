using System.Collections.Generic;
using System.Globalization;
using FastRmp.Images;
using FastRmp.Iommu;

namespace FastRmp.Cli.Decode;

/// <summary>An AMD-Vi v1 page-table entry in words.</summary>
internal static class IoPageTableEntryText
{
    private const int Levels = 6;

    /// <summary>The most likely level of an entry: that of its encoded size, one above the table it points at, else the
    /// lowest.</summary>
    internal static int LikelyLevel(IoPageTableEntry entry)
    {
        if (entry.NextLevel is > 0 and < Levels) return entry.NextLevel + 1;
        if (entry.NextLevel == Levels) return Levels;
        int shift = IoPageSize.DecodeShift(entry);
        return entry.NextLevel == IoPageSize.EncodedLevel && shift <= IoPageSize.MaxShift ? IoPageSize.LevelOf(shift) : 1;
    }

    /// <summary>What an entry is, in a few words.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="level">The level of its table, 1 to 6.</param>
    internal static string Kind(IoPageTableEntry entry, int level)
    {
        if (!entry.Present) return "not present: all other bits are ignored";
        if (Reserved(entry) is not 0 and ulong bits) return Text($"reserved bits are set (0x{bits:x}): IO_PAGE_FAULT with PR and RZ");
        if (entry.NextLevel is 0 or IoPageSize.EncodedLevel)
        {
            if (!IoPageSize.TryDecode(entry, level, out int shift))
            {
                return Text($"malformed: no page of that size exists at level {level}; IO_PAGE_FAULT with PR");
            }

            int slots = IoPageSize.SlotsOf(shift);
            return slots == 1
                ? $"maps a page of {Size(shift)}"
                : Text($"maps a page of {Size(shift)}, in {slots} entries of the same value");
        }

        if (entry.NextLevel >= level)
        {
            return Text($"malformed: a table of level {entry.NextLevel} cannot be below level {level}; IO_PAGE_FAULT with PR");
        }

        int skipped = level - entry.NextLevel - 1;
        return skipped == 0
            ? Text($"points to a table of level {entry.NextLevel}")
            : Text($"points to a table of level {entry.NextLevel} and skips {skipped}: the address bits between must be 0");
    }

    /// <summary>The bits that are set and must be zero: [58:52], and in an entry that points to a table U and FC, too.</summary>
    internal static ulong Reserved(IoPageTableEntry entry)
    {
        ulong mask = IoPageTableEntry.ReservedMask;
        if (entry.NextLevel is not 0 and not IoPageSize.EncodedLevel)
        {
            mask |= IoPageTableEntry.UntranslatedMask | IoPageTableEntry.ForceCoherentMask;
        }

        return entry.Value & mask;
    }

    /// <summary>Every field by its name.</summary>
    /// <param name="entry">The raw value.</param>
    /// <param name="level">The level of its table, 1 to 6.</param>
    /// <returns>The fields from bit 0 upwards.</returns>
    internal static List<EntryField> Fields(IoPageTableEntry entry, int level)
    {
        List<EntryField> fields =
        [
            new("level", Text($"{level}")),
            new("kind", Kind(entry, level)),
            Bit("present", entry.Present),
            new("ignored_4_1", Text($"{entry.Ignored}")),
            Bit("accessed", entry.Accessed),
            Bit("dirty", entry.Dirty),
            new("ignored_8_7", Text($"{entry.Ignored7}")),
            new("next_level", Text($"{entry.NextLevel}")),
            new("address", Text($"0x{entry.Address.Value:x}")),
        ];
        if (entry is { Present: true, NextLevel: 0 or IoPageSize.EncodedLevel } && IoPageSize.TryDecode(entry, level, out int shift))
        {
            fields.Add(new("page", Text($"0x{IoPageSize.DecodeBase(entry, shift).Value:x}")));
            fields.Add(new("size", Text($"{1UL << shift}")));
        }

        fields.Add(Bit("untranslated", entry.Untranslated));
        fields.Add(Bit("force_coherent", entry.ForceCoherent));
        fields.Add(Bit("ir", entry.Readable));
        fields.Add(Bit("iw", entry.Writable));
        fields.Add(Bit("ignored_63", entry.Ignored63));
        if (Reserved(entry) is not 0 and ulong bits)
        {
            fields.Add(
                new(
                    "reserved",
                    Text($"0x{bits:x}  bits that must be zero are set{(entry.Present ? string.Empty : ", and not looked at")}")));
        }

        return fields;
    }

    /// <summary>A size as people write it: 4K, 64K, 2M, 1G, 2T, 1P.</summary>
    internal static string Size(int shift) => Text($"{1UL << (shift % 10)}{" KMGTP"[shift / 10]}");

    private static EntryField Bit(string name, bool value) => new(name, value ? "1" : "0");

    private static string Text(System.FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
