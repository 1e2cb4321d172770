using System.IO;
using Xunit;

namespace FastRmp.Judges.Tests;

/// <summary>Runs a judge as its command line does.</summary>
internal static class JudgeRun
{
    internal static void AllEqual(string judge, string path)
    {
        (int code, string output) = Of(judge, path);
        Assert.True(code == 0, output);
    }

    internal static (int Code, string Output) Of(params string[] args)
    {
        using StringWriter output = new();
        int code = Program.Run(args, output, output);
        return (code, output.ToString());
    }
}
