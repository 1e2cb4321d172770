using System.Collections.Generic;
using FastRmp.Cli.Tests.DirectMap;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>Page tables, device tables and the RMP in an image, through the commands that follow them.</summary>
internal sealed class ToolWalkTarget : ToolTarget
{
    private static readonly string[][] Commands =
    [
        ["map", "-"], ["map", "-", "--json"], ["map", "-", "--tsv", "--la57"], ["directmap", "-"], ["directmap", "-", "--json"],
        ["dma", "-", "--device-table", "20000", "--entries", "64"],
        ["dma", "-", "--device-table", "20000", "--entries", "64", "--pasid", "all", "--json"],
        ["walk", "-", "0", "5000", "200000", "ffff888000000000", "--rmp", GuestCore.Rmp],
        ["walk", "-", "1000", "5000", "--nested", "9000", "--cr3", "1000"],
        ["walk", "-", "1000", "5000", "--device", "0", "--device-table", "20000"],
        ["rmp", "-", "--base", "1000000", "--end", "100bfff", "--scan", "--owners"],
    ];

    internal override string Name => "tool-walk";

    internal override int OrdinaryRounds => 1_500;

    internal override bool Read(byte[] input) =>
        input.Length != 0 && Run(input[1..], Commands[input[0] % Commands.Length]);

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        byte[] guest = GuestCore.Build(rmpEntries: 64);
        byte[] map = MapCores.Build();
        for (int command = 0; command < Commands.Length; command++)
        {
            byte[] core = command switch { 3 or 4 => map, 5 or 6 => GuestIoCore.Build(), _ => guest };
            yield return [(byte)command, .. core];
        }

        yield return [0, .. Cores.Sizes()];
        yield return [3, .. Fixture.Gunzipped("reports/09-pte-inverted-hwpoison/image.core.gz")];
    }
}
