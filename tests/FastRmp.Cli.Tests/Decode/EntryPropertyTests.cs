using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

/// <summary>Fields of any paging entry, held against the rules written down once more, bit by bit.</summary>
public class EntryPropertyTests
{
    private const int Values = 40_000;

    [Fact]
    public void No_field_of_any_entry_contradicts_another()
    {
        Random random = new(9);
        for (int i = 0; i < Values; i++)
        {
            ulong value = Value(random);
            int level = random.Next(1, 6);
            EntryRules rules = Rules(random);
            List<EntryField> fields = PagingEntryText.Fields(new PagingEntry(value), (PagingLevel)level, rules);
            Assert.All(
                fields, static field => Assert.True(field.Value.Length != 0 && !field.Value.Contains('\n', StringComparison.Ordinal)));
            Assert.Equal((value & 1) == 0 ? "0" : "1", EntryFields.One(fields, "present"));
            if ((value & 1) == 0) AbsentAgrees(fields, value, level);
            else PresentAgrees(fields, value, level, rules);
        }
    }

    [Fact]
    public void A_bit_is_called_reserved_if_the_walker_refuses_it()
    {
        Random random = new(10);
        for (int i = 0; i < Values; i++)
        {
            ulong value = Value(random) | 1;
            int level = random.Next(1, 6);
            EntryRules rules = Rules(random);
            ulong printed = ReservedBits.Known(new PagingEntry(value), (PagingLevel)level, rules);
            Assert.Equal(Reserved(value, level, rules), printed);
            if (rules.Processor is { } processor && rules.UsableWidth >= 36)
            {
                Assert.Equal(Walker(processor, rules).ReservedBitsOf(new PagingEntry(value), (PagingLevel)level), printed);
            }
        }
    }

    private static PagingState Walker(ProcessorModel processor, EntryRules rules)
    {
        MemoryEncryption? encryption = rules.EncryptionBit is { } bit
            ? new MemoryEncryption(bit, rules.Width is null ? processor.EncryptionAddressReduction : 0)
            : null;
        return new PagingState(
            default, PagingMode.FourLevel, processor with { PhysicalAddressWidth = rules.Width ?? processor.PhysicalAddressWidth },
            encryption: encryption);
    }

    private static void PresentAgrees(List<EntryField> fields, ulong value, int level, EntryRules rules)
    {
        bool isLeaf = level == 1 || (level <= 3 && Bit(value, 7));
        Assert.Equal(isLeaf, EntryFields.One(fields, "kind").StartsWith("maps", StringComparison.Ordinal));
        int low = isLeaf ? 12 + (9 * (level - 1)) : 12;
        ulong address = 0;
        for (int bit = low; bit <= 51; bit++)
        {
            if (Bit(value, bit) && bit != rules.EncryptionBit) address |= 1UL << bit;
        }

        Assert.Equal($"0x{address:x}", EntryFields.One(fields, isLeaf ? "page" : "table"));
        Assert.Equal(Bit(value, 1) ? "1" : "0", EntryFields.One(fields, "writable"));
        Assert.Equal(Bit(value, 2) ? "1" : "0", EntryFields.One(fields, "user"));
        Assert.Equal(Bit(value, 63) ? '1' : '0', EntryFields.One(fields, "no_execute")[0]);
        if (rules.EncryptionBit is { } encryption) Assert.Equal(Bit(value, encryption) ? "1" : "0", EntryFields.One(fields, "c_bit"));
        string[] reserved = [.. fields.Where(static field => field.Name == "reserved").Select(static field => field.Value)];
        Assert.NotEmpty(reserved);
        ulong certain = 0;
        ulong all = 0;
        foreach (string line in reserved)
        {
            if (line.StartsWith("none", StringComparison.Ordinal))
            {
                Assert.Single(reserved);
                continue;
            }

            ulong bits = ulong.Parse(line.Split(' ')[0][2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            Assert.Equal(0UL, all & bits);
            Assert.Equal(bits, bits & value);
            Assert.All(
                Enumerable.Range(0, 64).Where(bit => Bit(bits, bit)), bit => Assert.Contains($"bit {bit}", line, StringComparison.Ordinal));
            all |= bits;
            bool isCertain = line.Contains("#PF with RSVD", StringComparison.Ordinal);
            Assert.NotEqual(
                isCertain,
                line.Contains(" if ", StringComparison.Ordinal) && !line.Contains("(--c-bit 51)", StringComparison.Ordinal)
                    || line.Contains("only if", StringComparison.Ordinal) || line.Contains("on AMD processors;", StringComparison.Ordinal));
            if (isCertain) certain |= bits;
        }

        Assert.Equal(Reserved(value, level, rules), certain);
        if (fields.Exists(static field => field.Name == "ignored")) Assert.False(Bit(all, 8));
    }

    private static void AbsentAgrees(List<EntryField> fields, ulong value, int level)
    {
        Assert.DoesNotContain(fields, static field => field.Name is "page" or "table" or "ignored");
        Assert.Equal("none  not present: all bits are ignored", EntryFields.One(fields, "reserved"));
        string linux = EntryFields.One(fields, "linux");
        Assert.Equal(value == 0, linux.StartsWith("none", StringComparison.Ordinal));
        if (!fields.Exists(static field => field.Name == "frame")) return;
        string frame = EntryFields.One(fields, "frame");
        ulong bits = ulong.Parse(frame.Split(' ')[0][2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (frame.Contains("  inverted: ", StringComparison.Ordinal)) Assert.Equal(0UL, bits & value);
        else if (frame.Contains("  as stored", StringComparison.Ordinal)) Assert.Equal(bits, bits & value);
        else Assert.Contains("special swap entry", linux, StringComparison.Ordinal);
        bool isProtNone = linux.StartsWith("PROT_NONE", StringComparison.Ordinal);
        if (isProtNone) Assert.True(Bit(value, 8) && level <= 3);
    }

    /// <summary>What must be zero and is not, as far as the rules are known.</summary>
    private static ulong Reserved(ulong value, int level, EntryRules rules)
    {
        ulong bits = 0;
        int? width = rules.Width;
        if (width is null && rules.Processor is { } processor)
        {
            int reduction = processor.Name switch { "milan" => 5, "intel" => 0, _ => 6 };
            width = processor.PhysicalAddressWidth - (rules.EncryptionBit is null ? 0 : reduction);
        }

        for (int bit = 0; bit < 64; bit++)
        {
            bool isLarge = level is 2 or 3 && Bit(value, 7);
            bool isReserved = bit switch
            {
                7 => level >= 4,
                8 => level >= 4 && rules.Processor is { } vendor && vendor.Name != "intel",
                >= 13 and <= 20 when isLarge => true,
                >= 21 and <= 29 when isLarge && level == 3 => true,
                >= 32 and <= 51 => bit >= width && bit != rules.EncryptionBit,
                _ => false,
            };
            if (isReserved && Bit(value, bit)) bits |= 1UL << bit;
        }

        return bits;
    }

    private static EntryRules Rules(Random random)
    {
        ProcessorModel?[] processors = [null, .. ProcessorModel.Presets, ProcessorModel.Intel];
        return new EntryRules(
            processors[random.Next(processors.Length)], random.Next(2) == 0 ? null : random.Next(32, 53),
            random.Next(3) == 0 ? random.Next(32, 52) : null);
    }

    private static ulong Value(Random random)
    {
        ulong any = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        return random.Next(6) switch
        {
            0 => any,
            1 => any >> random.Next(64),
            2 => any & (ulong)random.NextInt64(long.MinValue, long.MaxValue) & (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            3 => any | 0x000F_FF00_0000_0000UL,
            4 => any | 0x07FF_FFFF_0000_0000UL,
            _ => (any & 0x8000_003F_FFFF_FFFFUL) | 1,
        };
    }

    private static bool Bit(ulong value, int bit) => ((value >> bit) & 1) != 0;
}
