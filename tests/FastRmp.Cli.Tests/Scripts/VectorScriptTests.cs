using System.IO;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Scripts;

/// <summary>The vectors of the RMP's reference, as scripts: what the tool prints, line for line.</summary>
public class VectorScriptTests
{
    public static TheoryData<string> Names()
    {
        TheoryData<string> names = [];
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(Fixture.PathOf("rmp-scripts/rmpupdate.txt"))!, "*.txt"))
        {
            names.Add(Path.GetFileNameWithoutExtension(file));
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_script_prints_what_is_expected(string name)
    {
        ToolResult result = Tool.Run("run", Fixture.PathOf($"rmp-scripts/{name}.txt"));
        Assert.Equal(File.ReadAllText(Fixture.PathOf($"rmp-scripts/{name}.expected")), result.Output);
        Assert.Equal(name == "bad-lines" ? 3 : 0, result.SpeaksProperly().Code);
    }
}
