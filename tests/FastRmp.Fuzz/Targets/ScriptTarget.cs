using System.Collections.Generic;
using System.IO;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>Scripts of operations for <c>run</c>.</summary>
internal sealed class ScriptTarget : ToolTarget
{
    internal override string Name => "script";

    internal override int OrdinaryRounds => 500;

    internal override bool Read(byte[] input) => Run(input, "run", "-");

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        foreach (string path in Directory.GetFiles(Fixture.PathOf("rmp-scripts"), "*.txt"))
        {
            byte[] script = File.ReadAllBytes(path);
            yield return script.Length > 4000 ? script[..4000] : script;
        }
    }
}
