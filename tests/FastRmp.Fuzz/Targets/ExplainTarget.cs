using System.Collections.Generic;
using System.IO;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>Logs through <c>explain</c>, as text and as JSON.</summary>
internal sealed class ExplainTarget : ToolTarget
{
    internal override string Name => "explain";

    internal override int OrdinaryRounds => 1_500;

    internal override bool Read(byte[] input)
    {
        _ = Run(input, "explain", "-", "--json");
        return Run(input, "explain", "-");
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        foreach (string path in Directory.GetFiles(Fixture.PathOf("rmp-logs"), "*.txt"))
        {
            yield return File.ReadAllBytes(path);
        }

        foreach (string folder in Directory.GetDirectories(Fixture.PathOf("reports")))
        {
            yield return File.ReadAllBytes(Path.Combine(folder, "input.txt"));
        }
    }
}
