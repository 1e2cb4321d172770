using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images;
using FastRmp.Iommu;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

/// <summary>Lines about any entry of an IOMMU's tables: fields held against the bits, verdicts against the model's.</summary>
public class DeviceEntryPropertyTests
{
    private const int Values = 10_000;
    private const int GuestEnable = 16;
    private const int RequestEnable = 45;
    private const int GuestPhysicalGcr3 = 58;

    // The specification's bit numbers of the 256-bit entry, written down once more.
    private static readonly (string Name, int High, int Low)[] Numbers =
    [
        ("valid", 0, 0), ("translation_valid", 1, 1), ("host_access_dirty", 8, 7), ("mode", 11, 9), ("ppr", 52, 52), ("gprp", 53, 53),
        ("giov", 54, 54), ("gv", 55, 55), ("glx", 57, 56), ("ir", 61, 61), ("iw", 62, 62),
        ("domain", 79, 64), ("iotlb", 96, 96), ("suppress_further_faults", 97, 97), ("suppress_all_faults", 98, 98), ("io_ctl", 100, 99),
        ("cache", 101, 101), ("snoop_disable", 102, 102), ("exclusion", 103, 103),
        ("system_management", 105, 104), ("interrupt_valid", 128, 128), ("interrupt_table_length", 132, 129),
        ("ignore_unmapped_interrupts", 133, 133), ("guest_paging_mode", 183, 182), ("init_pass", 184, 184),
        ("eint_pass", 185, 185), ("nmi_pass", 186, 186), ("interrupt_control", 189, 188), ("lint0_pass", 190, 190),
        ("lint1_pass", 191, 191), ("attributes_valid", 246, 246), ("mode0_force_coherent", 247, 247),
    ];

    private static readonly int[] Reserved = [.. Enumerable.Range(2, 5), 63, 106, 180, 181, 187, .. Enumerable.Range(192, 54)];

    [Fact]
    public void Every_field_of_any_device_table_entry_is_its_bits()
    {
        Random random = new(41);
        for (int i = 0; i < Values; i++)
        {
            ulong[] words = Words(random);
            List<EntryField> fields = DeviceTableEntryText.Fields(new DeviceTableEntry(words[0], words[1], words[2], words[3]), default);
            foreach ((string name, int high, int low) in Numbers)
            {
                Assert.Equal(Bits(words, high, low).ToString(CultureInfo.InvariantCulture), EntryFields.One(fields, name).Split(' ')[0]);
            }

            Assert.Equal($"0x{Bits(words, 51, 12) << 12:x}", EntryFields.One(fields, "root"));
            Assert.Equal(
                $"0x{(Bits(words, 60, 58) << 12) | (Bits(words, 95, 80) << 15) | (Bits(words, 127, 107) << 31):x}",
                EntryFields.One(fields, "gcr3_root"));
            Assert.Equal($"0x{Bits(words, 179, 134) << 6:x}", EntryFields.One(fields, "interrupt_table"));
            int[] set = [.. fields.Where(static field => field.Name == "reserved").SelectMany(static field => ReservedOf(field.Value))];
            Assert.Equal(Reserved.Where(bit => Bits(words, bit, bit) != 0), set);
        }
    }

    [Fact]
    public void A_verdict_without_a_condition_is_the_models()
    {
        Random random = new(42);
        for (int i = 0; i < Values; i++)
        {
            ulong[] words = Words(random);
            DeviceTableEntry entry = new(words[0], words[1], words[2], words[3]);
            IommuState iommu = new(default, random.Next(2) == 0)
            {
                Control = new IommuControl(Register(random)),
                Features = new IommuExtendedFeatures(Register(random)),
                Features2 = Register(random),
            };
            string verdict = DeviceTableEntryCheck.Of(entry, iommu);
            Assert.DoesNotContain(" if ", verdict, StringComparison.Ordinal);
            Agrees(verdict, iommu.Check(entry), entry);
        }
    }

    [Fact]
    public void A_condition_of_a_verdict_is_what_decides()
    {
        Random random = new(43);
        for (int i = 0; i < Values; i++)
        {
            ulong[] words = Words(random);
            DeviceTableEntry entry = new(words[0], words[1], words[2], words[3]);
            bool isSnp = random.Next(2) == 0;
            string verdict = DeviceTableEntryCheck.Of(entry, new IommuState(default, isSnp));
            string condition = verdict.StartsWith("legal", StringComparison.Ordinal)
                && verdict.Contains(" set, else illegal", StringComparison.Ordinal)
                ? verdict[..verdict.IndexOf(" set, else illegal", StringComparison.Ordinal)]
                : string.Empty;
            for (int pattern = 0; pattern < 8; pattern++)
            {
                bool isFulfilled = true;
                ulong control = 0;
                foreach ((int index, int bit) in ((int[])[GuestEnable, RequestEnable, GuestPhysicalGcr3]).Index())
                {
                    bool isSet = (pattern >> index & 1) != 0;
                    if (isSet) control |= 1UL << bit;
                    else if (condition.Contains($"control bit {bit} ", StringComparison.Ordinal)) isFulfilled = false;
                }

                IommuStatus status = new IommuState(default, isSnp) { Control = new IommuControl(control) }.Check(entry);
                bool isLegal = status is IommuStatus.Mapped or IommuStatus.NoTranslation;
                Assert.Equal(verdict.StartsWith("legal", StringComparison.Ordinal) && isFulfilled, isLegal);
            }
        }
    }

    [Fact]
    public void The_kind_of_any_page_table_entry_is_what_its_bits_say()
    {
        Random random = new(44);
        for (int i = 0; i < Tool.Share(Values); i++)
        {
            ulong value = Sparse(random) & (random.Next(3) == 0 ? ulong.MaxValue : ~0x1FF0_0000_0000_0000UL);
            if (random.Next(4) != 0) value |= 1;
            int level = random.Next(1, 7);
            string[] lines = Tool.Run("decode", "iopte", $"{value:x}", "--level", $"{level}").SpeaksProperly().OutputLines;
            string kind = lines[1][6..];
            ulong[] word = [value];
            ulong next = Bits(word, 11, 9);
            bool isLeaf = next is 0 or 7;
            bool isPresent = (value & 1) != 0;
            ulong reserved = value & (isLeaf ? 0x07F0_0000_0000_0000UL : 0x1FF0_0000_0000_0000UL);
            Assert.Equal(!isPresent, kind.StartsWith("not present", StringComparison.Ordinal));
            Assert.Equal(isPresent && reserved != 0, kind.StartsWith($"reserved bits are set (0x{reserved:x})", StringComparison.Ordinal));
            bool isSound = isPresent && reserved == 0;
            int shift = next == 7 ? Shift(value) : 12 + (9 * (level - 1));
            bool isSize = level < 6 && (next == 7 ? shift > 12 + (9 * (level - 1)) && shift < 12 + (9 * level) : level != 4) && shift <= 51;
            Assert.Equal(isSound && isLeaf && isSize, kind.StartsWith("maps a page", StringComparison.Ordinal));
            Assert.Equal(
                isSound && !isLeaf && next < (ulong)level, kind.StartsWith($"points to a table of level {next}", StringComparison.Ordinal));
            Assert.Equal(isSound && !isLeaf && next < (ulong)level - 1, kind.Contains("skips", StringComparison.Ordinal));
            if (isSound && isLeaf && isSize) Assert.Contains($"page: 0x{(value & 0x000F_FFFF_FFFF_F000UL) >> shift << shift:x}", lines);
            Assert.Contains($"ir: {Bits(word, 61, 61)}", lines);
            Assert.Contains($"iw: {Bits(word, 62, 62)}", lines);
            Assert.Contains($"next_level: {next}", lines);
        }
    }

    private static void Agrees(string verdict, IommuStatus status, DeviceTableEntry entry)
    {
        Assert.Equal(status is IommuStatus.Mapped or IommuStatus.NoTranslation, verdict.StartsWith("legal", StringComparison.Ordinal));
        Assert.Equal(!entry.Valid, verdict.StartsWith("legal: V = 0", StringComparison.Ordinal));
        Assert.Equal(status == IommuStatus.NoTranslation, verdict.StartsWith("legal: TV = 0", StringComparison.Ordinal));
        Assert.Equal(status == IommuStatus.ForbiddenDeviceTableBits, verdict.Contains("RZ set", StringComparison.Ordinal));
        Assert.Equal(status == IommuStatus.IllegalDeviceTableEntry, verdict.Contains("RZ clear", StringComparison.Ordinal));
    }

    /// <summary>"0x30000000000000 of quadword 2  …" as bit numbers of the whole entry.</summary>
    private static IEnumerable<int> ReservedOf(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        ulong bits = ulong.Parse(words[0][2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        int first = 64 * int.Parse(words[3], CultureInfo.InvariantCulture);
        return Enumerable.Range(0, 64).Where(bit => (bits >> bit & 1) != 0).Select(bit => first + bit);
    }

    // The run of ones from bit 12 upwards, closed by a zero, is the size.
    private static int Shift(ulong value)
    {
        int shift = 12;
        while (shift <= 51 && (value >> shift & 1) != 0) shift++;
        return shift + 1;
    }

    private static ulong Bits(ulong[] words, int high, int low)
    {
        ulong value = 0;
        for (int bit = high; bit >= low; bit--) value = (value << 1) | (words[bit / 64] >> (bit % 64) & 1);
        return value;
    }

    /// <summary>Mostly valid entries, with few of the bits that make nearly every entry illegal.</summary>
    private static ulong[] Words(Random random)
    {
        ulong[] words = [Sparse(random), Sparse(random), Sparse(random), Sparse(random)];
        if (random.Next(8) != 0) words[0] |= 1;
        if (random.Next(4) != 0) words[0] |= 2;
        if (random.Next(4) == 0) return words;
        words[0] &= ~0x8000_0000_0000_007CUL | 3;
        words[1] &= ~(1UL << 42);
        words[2] &= ~0x0830_0000_0000_0000UL;
        words[3] &= 0xFFC0_0000_0000_0000UL;
        return words;
    }

    private static ulong Sparse(Random random)
    {
        ulong any = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        for (int thinner = random.Next(4); thinner > 0; thinner--) any &= (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        return random.Next(3) == 0 ? any >> random.Next(64) : any;
    }

    private static ulong Register(Random random) =>
        random.Next(3) == 0
            ? ulong.MaxValue
            : (ulong)random.NextInt64(long.MinValue, long.MaxValue) | (ulong)random.NextInt64(long.MinValue, long.MaxValue);
}
