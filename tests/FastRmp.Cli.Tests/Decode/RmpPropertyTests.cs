using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

/// <summary>Lines about any RMP entry, held against the independent model.</summary>
public class RmpPropertyTests
{
    [Fact]
    public void No_line_about_any_entry_contradicts_another()
    {
        Random random = new(12);
        for (int i = 0; i < Tool.Share(6000); i++)
        {
            ulong low = Value(random);
            ulong high = Value(random);
            ulong? top = random.Next(3) == 0 ? Value(random) : null;
            string[] args = ["decode", "rmp", $"{low:x}", $"{high:x}", .. top is null ? Array.Empty<string>() : ["--base", $"{top:x}"]];
            ToolResult result = Tool.Run(args).SpeaksProperly();
            Assert.Equal(0, result.Code);
            ReferenceEntry entry = ReferenceEntry.FromRaw(low, high);
            bool isPiece = top is { } above && (above & 2) != 0;
            if (isPiece)
            {
                ReferenceEntry own = entry;
                entry = ReferenceEntry.FromRaw(top!.Value, 0);
                entry.Assigned = own.Assigned;
            }

            Agrees(result, entry, isPiece);
        }
    }

    private static void Agrees(ToolResult result, ReferenceEntry entry, bool isPiece)
    {
        string[] lines = result.OutputLines;
        Assert.Equal($"state: {ReferencePageStates.NameOf(ReferencePageStates.Decode(entry))}", lines[0]);
        Dictionary<string, string> values = lines.Where(
            static line =>
                !line.StartsWith("note: ", StringComparison.Ordinal) && !line.StartsWith("looks_like: ", StringComparison.Ordinal))
            .ToDictionary(static line => line.Split(": ", 2)[0], static line => line.Split(": ", 2)[1]);
        string[] notes =
        [
            .. lines.Where(static line => line.StartsWith("note: ", StringComparison.Ordinal)).Select(static line => line[6..]),
        ];
        Assert.Equal(entry.Assigned ? "1" : "0", values["assigned"]);
        Assert.Equal(entry.Large ? "2M" : "4K", values["page_size"]);
        Assert.Equal(entry.Immutable ? "1" : "0", values["immutable"]);
        Assert.Equal($"{entry.SubpageCount}", values["subpage_count"]);
        Assert.Equal($"0x{entry.Gpa:x}", values["gpa"]);
        Assert.Equal($"{entry.Asid}", values["asid"].Split(' ')[0]);
        Assert.Equal(entry.Vmsa ? "1" : "0", values["vmsa"]);
        Assert.Equal(entry.Validated ? "1" : "0", values["validated"]);
        Assert.Equal(entry.Lock ? "1" : "0", values["lock"]);
        bool isInUse = entry is { Assigned: true, Immutable: false, Lock: true, Asid: 0x3FE };
        Assert.Equal(isInUse, values["meaning"].StartsWith("VMSA page in use", StringComparison.Ordinal));
        Assert.Equal(entry.Asid is 0x3FE or 0x3FF, values["asid"].EndsWith("a mark, no guest", StringComparison.Ordinal));
        Assert.Equal(isInUse, Has(notes, "in use: "));
        Assert.Equal(entry.Asid == 0x3FF, Has(notes, "in transition: ASID 0x3ff"));
        Assert.Equal(entry is { Lock: true, Immutable: false } && entry.Asid < 0x3FE, Has(notes, "in transition: locked"));
        Assert.Equal(entry.Immutable, Has(notes, "immutable: "));
        Assert.Equal(entry is { Large: true, Assigned: false }, Has(notes, "a 2M page that is not assigned"));
        Assert.Equal(isPiece, values.ContainsKey("part_of"));
        Assert.Equal(isPiece && !entry.Assigned, Has(notes, "lost sub-page"));
    }

    private static bool Has(string[] notes, string start) => Array.Exists(notes, note => note.StartsWith(start, StringComparison.Ordinal));

    private static ulong Value(Random random)
    {
        ulong any = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        return random.Next(5) switch
        {
            0 => any,
            1 => any >> random.Next(64),
            2 => any | 0x1FF0_0000_0000_0001UL,
            3 => any & (ulong)random.NextInt64(long.MinValue, long.MaxValue) & (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            _ => any & 0xE007_FFFF_FFFF_F007UL,
        };
    }
}
