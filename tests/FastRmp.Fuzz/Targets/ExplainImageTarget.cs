using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>A log and the image of its machine: the first two bytes of the input say how long the log is.</summary>
internal sealed class ExplainImageTarget : ToolTarget
{
    private const string Log =
        """
        [    0.1] SEV-SNP: RMP table physical range [0x0000000001000000 - 0x000000000100bfff]
        [  100.0] BUG: unable to handle page fault for address: 0000000000005010
        [  100.0] #PF: supervisor write access in kernel mode
        [  100.0] #PF: error_code(0x80000003) - RMP violation
        [  100.0] PGD a027 P4D a027 PUD b027 PMD c027 PTE 15067
        [  100.0] SEV-SNP: PFN 0x15, RMP entry: [0x4028000000005001 - 0x000000000000001f]

        """;

    internal override string Name => "explain-image";

    internal override int OrdinaryRounds => 500;

    internal override bool Read(byte[] input)
    {
        if (input.Length < 2) return false;
        int length = Math.Min(BitConverter.ToUInt16(input), input.Length - 2);
        string image = Path.Combine(Path.GetTempPath(), $"fastrmp-fuzz-{Environment.ProcessId}.core");
        File.WriteAllBytes(image, input.AsSpan(2 + length));
        try
        {
            return Run(input[2..(2 + length)], "explain", "-", "--image", image);
        }
        finally
        {
            File.Delete(image);
        }
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        byte[] log = Encoding.UTF8.GetBytes(Log);
        yield return [.. BitConverter.GetBytes((ushort)log.Length), .. log, .. GuestCore.Build(rmpEntries: 64)];
        byte[] report = Fixture.Bytes("reports/09-pte-inverted-hwpoison/input.txt");
        yield return
        [
            .. BitConverter.GetBytes((ushort)report.Length), .. report,
            .. Fixture.Gunzipped("reports/09-pte-inverted-hwpoison/image.core.gz"),
        ];
    }
}
