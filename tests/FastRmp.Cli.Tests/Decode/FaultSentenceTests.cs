using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

/// <summary>Sentences about error codes are read back and held against the bits, which are taken apart here once more.</summary>
public partial class FaultSentenceTests
{
    private static readonly (string Name, int Bit)[] PageFaultBits =
    [
        ("P", 0), ("W/R", 1), ("U/S", 2), ("RSV", 3), ("I/D", 4), ("PK", 5), ("SS", 6), ("SGX", 15), ("RMP", 31),
    ];

    private static readonly (string Name, int Bit)[] NestedBits =
        [
            ("P", 0), ("W", 1), ("U", 2), ("RSV", 3), ("I/D", 4), ("RMP", 31), ("final", 32), ("table", 33), ("ENC", 34), ("SIZEM", 35),
            ("VMPL", 36), ("SSS", 37),
        ];

    [Fact]
    public void Every_sentence_about_a_page_fault_agrees_with_its_bits()
    {
        foreach (ulong code in Codes(PageFaultBits))
        {
            Dictionary<string, string> lines = Decode("pf", code, PageFaultBits, out string[] notes);
            string meaning = lines["meaning"];
            Bits bits = new(code);
            Match subject = PageFaultSubject().Match(meaning);
            Assert.True(subject.Success, meaning);
            Assert.Equal(bits[2] ? "user" : "kernel", subject.Groups[1].Value);
            Assert.Equal(bits[6], subject.Groups[2].Success);
            AccessAgrees(meaning, subject.Groups[3].Value, bits);
            Assert.Equal(!bits[31], meaning.Contains("the RMP is not involved", StringComparison.Ordinal));
            bool isOrdinary = !bits[31] && !bits[15];
            Assert.Equal(isOrdinary && bits[3], meaning.Contains("reserved bit", StringComparison.Ordinal));
            Assert.Equal(isOrdinary && !bits[3] && bits[5], meaning.Contains("protection key", StringComparison.Ordinal));
            Assert.Equal(isOrdinary && !bits[3] && !bits[5] && !bits[0], meaning.Contains("no present page", StringComparison.Ordinal));
            bool needsPresence = bits[3] || bits[5] || bits[31] || bits[15];
            Assert.Equal(!bits[0] && !needsPresence, lines["P"] == "0  the page was not present");
            Assert.Equal(bits[4] && bits[1], notes.Any(static note => note.Contains("exclude each other", StringComparison.Ordinal)));
            if (notes.Length == 0) Assert.True(bits[0] || !needsPresence);
        }
    }

    [Fact]
    public void Every_sentence_about_a_nested_fault_agrees_with_its_bits()
    {
        foreach (ulong code in Codes(NestedBits))
        {
            Dictionary<string, string> lines = Decode("npf", code, NestedBits, out string[] notes);
            string meaning = lines["meaning"];
            Bits bits = new(code);
            bool isTable = bits[33] && !bits[32];
            bool isInstruction = bits[31] && (bits[35] || (!bits[36] && bits[34] && !bits[32] && !bits[33]));
            Match subject = NestedSubject().Match(meaning);
            Assert.Equal(!isInstruction, subject.Success);
            Assert.Equal(isInstruction, meaning.Contains("PVALIDATE", StringComparison.Ordinal));
            if (subject.Success)
            {
                bool isRefusedWrite = bits[31] && !bits[36] && bits[1] && !bits[4];
                bool isPlain = (bits[4] || isTable) && !isRefusedWrite;
                Assert.Equal(bits[34] ? "private" : isPlain ? string.Empty : "shared", subject.Groups[1].Value);
                Assert.Equal(isTable, meaning.Contains("guest page table", StringComparison.Ordinal));
                if (!isTable) AccessAgrees(meaning, subject.Groups[2].Value, bits);
            }

            Assert.Equal(!bits[31], meaning.Contains("the RMP is not involved", StringComparison.Ordinal));
            Assert.Equal(!bits[31] && bits[3], meaning.Contains("reserved bit", StringComparison.Ordinal));
            Assert.Equal(
                !bits[31] && !bits[3] && !bits[0],
                meaning.Contains("the first touch of the " + (isTable ? "table" : "page"), StringComparison.Ordinal));
            Assert.Equal(bits[31] && !bits[35] && bits[36], meaning.Contains("VMPL lacks", StringComparison.Ordinal));
            Assert.Equal(bits[32] && bits[33], notes.Any(static note => note.StartsWith("impossible", StringComparison.Ordinal)));
            Assert.Equal(!bits[32] && !bits[33], notes.Any(static note => note.StartsWith("neither bit 32", StringComparison.Ordinal)));
            Assert.Equal(
                !bits[34] && (bits[4] || bits[33]), notes.Any(static note => note.StartsWith("ENC is clear", StringComparison.Ordinal)));
            Assert.StartsWith(bits[34] ? "private by ENC" : "shared, for ENC is clear", lines["kvm"], StringComparison.Ordinal);
            Assert.Equal(
                bits[3] ? null : bits[34] ? "8" : "0",
                KvmFlags().Match(lines["kvm"]) is { Success: true } flags ? flags.Groups[1].Value : null);
        }
    }

    /// <summary>A read is never called a write, nor the other way round, and what is both is called neither.</summary>
    private static void AccessAgrees(string meaning, string access, Bits bits)
    {
        bool isBoth = bits[4] && bits[1];
        Assert.Equal(
            isBoth ? "access" : bits[4] ? "fetch" : bits[1] ? "write" : "read",
            access is "access" && meaning.Contains("a private access to a page that is not the guest's (", StringComparison.Ordinal)
                ? InParentheses().Match(meaning).Groups[1].Value
                : access);
        if (isBoth) return;
        Assert.Equal(bits[1], WriteWord().IsMatch(meaning));
        if (bits[1] || bits[4]) Assert.DoesNotMatch(ReadWord(), meaning);
    }

    /// <summary>Runs the tool, and holds each line of a bit against the bit.</summary>
    private static Dictionary<string, string> Decode(string kind, ulong code, (string Name, int Bit)[] known, out string[] notes)
    {
        ToolResult result = Tool.Run("decode", kind, $"{code:x}").SpeaksProperly();
        Assert.Equal(0, result.Code);
        (string Name, string Value)[] lines =
        [
            .. result.OutputLines.Select(static line => (line.Split(": ", 2)[0], line.Split(": ", 2)[1])),
        ];
        notes = [.. lines.Where(static line => line.Name == "note").Select(static line => line.Value)];
        Dictionary<string, string> values = lines.Where(static line => line.Name != "note")
            .ToDictionary(static line => line.Name, static line => line.Value);
        Assert.Equal($"0x{code:x}", values["code"]);
        List<string> set = [];
        ulong unknown = code;
        foreach ((string name, int bit) in known)
        {
            bool isSet = ((code >> bit) & 1) != 0;
            Assert.Equal(isSet ? '1' : '0', values[name][0]);
            if (isSet) set.Add(name);
            unknown &= ~(1UL << bit);
        }

        if (unknown != 0) set.Add("reserved");
        Assert.Equal(set.Count == 0 ? "-" : string.Join(' ', set), values["set"]);
        string[] numbers = [.. Enumerable.Range(0, 64).Where(bit => ((unknown >> bit) & 1) != 0).Select(static bit => $"bit {bit}")];
        Assert.Equal(unknown == 0 ? "0" : $"1  {string.Join(", ", numbers)}: hardware does not write such a code", values["reserved"]);
        return values;
    }

    /// <summary>All combinations of few bits, then any values.</summary>
    private static IEnumerable<ulong> Codes((string Name, int Bit)[] known)
    {
        for (uint pattern = 0; pattern < 1U << known.Length; pattern += (uint)Tool.Stride)
        {
            yield return known.Index().Aggregate(0UL, (code, part) => code | ((ulong)((pattern >> part.Index) & 1) << part.Item.Bit));
        }

        Random random = new(31);
        for (int i = 0; i < Tool.Share(1000); i++) yield return (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(40);
    }

    [GeneratedRegex("\\ba (user|kernel) (shadow-stack )?(read|write|fetch|access)\\b")]
    private static partial Regex PageFaultSubject();

    [GeneratedRegex("\\ban? (?:(private|shared) )?(?:shadow-stack )?(read|write|fetch|access)\\b")]
    private static partial Regex NestedSubject();

    [GeneratedRegex("\\(a (?:private )?(?:shadow-stack )?(read|write|fetch|access)")]
    private static partial Regex InParentheses();

    [GeneratedRegex("flags ([0-9]+)")]
    private static partial Regex KvmFlags();

    [GeneratedRegex("\\bwrites?\\b")]
    private static partial Regex WriteWord();

    [GeneratedRegex("\\breads?\\b(?!-)")]
    private static partial Regex ReadWord();

    private readonly record struct Bits(ulong Value)
    {
        public bool this[int bit] => ((Value >> bit) & 1) != 0;
    }
}
