using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>Values and lines that people paste after <c>decode</c>. The first byte of the input says which kind they name.</summary>
internal sealed class DecodeTarget : ToolTarget
{
    private static readonly string[][] Kinds =
        [[], ["rmp"], ["rmp-range"], ["pte"], ["pf"], ["npf"], ["iopte"], ["dte"], ["event"], ["flags"]];

    internal override string Name => "decode";

    internal override int OrdinaryRounds => 10_000;

    internal override bool Read(byte[] input)
    {
        if (input.Length == 0) return false;
        string argument = Encoding.UTF8.GetString(input.AsSpan(1)).TrimStart('-', '[', '@', ' ');
        string[] arguments = (input[0] & 1) == 0 ? [argument] : argument.Split(' ');
        return Run(null, ["decode", .. Kinds[(input[0] >> 1) % Kinds.Length], .. arguments]);
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        string[] values =
        [
            "PGD 2c01067 P4D 2c01067 PUD 107267063 PMD 10382b063 PTE 800fffff9edcb062", "error_code(0x0011) - permissions violation",
            "EXITINFO1=0x500000004", "[0xfff0000000144001 - 0x000000000000000f]", "8000000012345067 0", "flags=0x0030",
            "SEV-SNP: RMP table physical range [0x0000000097f00000 - 0x00000000a84fffff]", "v=0e e=0002 i=0 cpl=0",
            "RMPEntry paddr 0x1c9f36000 [assigned=1 immutable=0 pagesize=0 gpa=0x7fffffffff asid=1 vmsa=1 validated=1]",
            "PFN: 0x56600, [0x80000000000007fd - 0x0000000000000000]", "RMP_BASE: 97f00000 RMP_END: a84fffff",
            "AMD-Vi: DTE[0]: 7d90000000000003 DTE[1]: 0000100103fc0009 DTE[2]: 2000000117840013 DTE[3]: 0000000000000000",
            "AMD-Vi: Event logged [RMP_PAGE_FAULT vmg_tag=0x0000, gpa=0x740b8784, flags_rmp=0x0000, flags=0x0020]",
        ];
        for (int index = 0; index < values.Length; index++)
        {
            yield return [(byte)(index * 2), .. Encoding.UTF8.GetBytes(values[index])];
            yield return [1, .. Encoding.UTF8.GetBytes(values[index])];
        }

        foreach (string folder in Directory.GetDirectories(Fixture.PathOf("reports")))
        {
            byte[] text = File.ReadAllBytes(Path.Combine(folder, "input.txt"));
            yield return [0, .. text.AsSpan(0, Math.Min(text.Length, 600))];
        }
    }
}
