using System.Collections.Generic;
using FastRmp.Images.Tests.Formats;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>Images through commands of the tool.</summary>
internal sealed class ToolImageTarget : ToolTarget
{
    private static readonly string[] Kinds = ["kdump", "flattened", "lime", "avml", "virtualbox", "excluded", "xen", "zstd"];

    internal override string Name => "tool-image";

    internal override int OrdinaryRounds => 1_000;

    internal override int Head => 2 * 4096;

    internal override bool Read(byte[] input)
    {
        bool isWhole = Run(input, "info", "-");
        _ = Run(input, "info", "-", "--json");
        _ = Run(input, "walk", "-", "0", "1000", "ffff888000000000", "ffffffff81000000");
        _ = Run(input, "rmp", "-", "--base", "1000", "--end", "6fff");
        return isWhole;
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        foreach (string kind in Kinds)
        {
            yield return SmallImages.Of(kind);
        }

        yield return Fixture.Gunzipped("reports/09-pte-inverted-hwpoison/image.core.gz");
    }
}
