using System;
using System.Globalization;
using FastRmp.Tests.Vectors;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>Sequences whose codes and entries are known from outside, in the table and in the reference.</summary>
public sealed class UpdateVectorTests
{
    private const ulong R = 0x4020_0000;
    private const ulong S = R + 0x1000;
    private const ulong O = 0x4040_0000;

    public static TheoryData<string, string, string> Rows()
    {
        TheoryData<string, string, string> rows = [];
        foreach (string[] row in VectorFile.Rows("rmp-update.txt"))
        {
            rows.Add(row[0], row[1], row[2]);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_sequence_returns_its_codes_and_leaves_its_entries(string steps, string codes, string afterwards)
    {
        using ModelPair pair = new(O / ModelPair.RegionBytes, ProcessorModel.Genoa, ModelChoices.Default);
        string[] step = Parts(steps);
        string[] code = Parts(codes);
        Assert.Equal(step.Length, code.Length);
        for (int i = 0; i < step.Length; i++)
        {
            Assert.Equal(code[i], Execute(pair, step[i].Split(' ')));
        }

        foreach (string claim in Parts(afterwards))
        {
            Confirm(pair, claim.Split(' '));
        }

        pair.CompareRegion(R / ModelPair.RegionBytes);
    }

    [Theory]
    [InlineData("milan", 0x0008_FFFF_FFFF_F001UL)]
    [InlineData("genoa", 0x000F_FFFF_FFFF_F001UL)]
    public void An_all_ones_guest_address_keeps_what_the_processor_can_hold(string preset, ulong low)
    {
        ProcessorModel processor = preset == "milan" ? ProcessorModel.Milan : ProcessorModel.Genoa;
        using ModelPair pair = new(1, processor, ModelChoices.Default);
        pair.Update(0x1000, Operands.Assign(ulong.MaxValue, asid: 1));
        Assert.Equal(new RmpEntry(low, preset == "milan" ? 0x0FUL : 0x1F), pair.Raw(0x1000));
    }

    private static string[] Parts(string? cell) => cell?.Split(';', StringSplitOptions.TrimEntries) ?? [];

    private static string Execute(ModelPair pair, string[] words)
    {
        RmpResult result;
        switch (words[0])
        {
            case "smash":
                result = pair.Smash(Page(words[1]));
                break;
            case "validate":
                RmpEntry entry = pair.Raw(Page(words[1]));
                pair.Poke(Page(words[1]), entry.Low | 0x4000_0000_0000_0000UL, entry.High);
                return "-";
            case "use" or "leave":
                pair.MarkInUse(Page(words[1]), more: words[0] == "use");
                return "-";
            case "adjust":
                return Adjust(pair, Page(words[1]));
            default:
                result = pair.Update(Page(words[1]), Operand(words));
                break;
        }

        Assert.Equal(RmpFault.None, result.Fault);
        Assert.False(result.IsContention);
        return ((int)result.Status).ToString(CultureInfo.InvariantCulture);
    }

    private static string Adjust(ModelPair pair, ulong page)
    {
        RmpEntry entry = pair.Raw(page);
        NestedPage where = new(entry.Gpa, PhysicalAddress.Create(page), entry.PageSize);
        ExecutionState guest = ExecutionState.Guest(entry.Asid);
        Assert.True(pair.Validate(guest, where, entry.PageSize, validate: true).IsSuccess);
        RmpAdjustOperand rdx = new RmpAdjustOperand { TargetVmpl = 3, Permissions = VmplPermissions.Read, Vmsa = true };
        return ((int)pair.Adjust(guest, where, entry.PageSize, rdx).Status).ToString(CultureInfo.InvariantCulture);
    }

    private static RmpUpdateOperand Operand(string[] words)
    {
        bool large = words[0] == "2M";
        bool assign = words[2] == "assign";
        ulong gpa = !assign ? 0 : large ? 0x4000_0000UL : 0x1234_5000UL;
        uint asid = assign ? 5U : 0;
        bool immutable = false;
        foreach (string word in words.AsSpan(3))
        {
            if (word == "immutable") immutable = true;
            else if (word.StartsWith("asid=", StringComparison.Ordinal)) asid = (uint)VectorFile.Number(word[5..]);
            else if (word.StartsWith("gpa=", StringComparison.Ordinal)) gpa = VectorFile.Number(word[4..]);
            else throw new FormatException(word);
        }

        return Operands.Make(gpa, assign, large, immutable, asid);
    }

    private static void Confirm(ModelPair pair, string[] words)
    {
        if (words[0] == "region")
        {
            for (ulong page = R; page < R + ModelPair.RegionBytes; page += ModelPair.PageBytes)
            {
                Assert.Equal(default, pair.Raw(page));
            }

            return;
        }

        RmpEntry entry = pair.Raw(Page(words[0]));
        ulong actual = words[1] switch
        {
            "low" => entry.Low,
            "high" => entry.High,
            "count" => entry.SubpageCount,
            "validated" => entry.Validated ? 1UL : 0,
            _ => throw new FormatException(words[1]),
        };
        Assert.Equal(VectorFile.Number(words[2]), actual);
    }

    private static ulong Page(string name) => name switch
    {
        "R" => R,
        "S" => S,
        "O" => O,
        _ => throw new FormatException(name),
    };
}
