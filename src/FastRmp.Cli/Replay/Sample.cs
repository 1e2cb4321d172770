using System;
using System.IO;

namespace FastRmp.Cli.Replay;

/// <summary>The trace that comes with the tool: four guests beside other work on a 2 GiB host, and that host's memory.</summary>
internal static class Sample
{
    internal const string TraceName = "the sample trace";
    internal const string IomemName = "the sample listing";

    internal static Stream OpenTrace() => Open("sample/trace.txt.gz");

    internal static Stream OpenIomem() => Open("sample/iomem.txt");

    private static Stream Open(string resource) =>
        typeof(Sample).Assembly.GetManifestResourceStream(
            resource) ?? throw new InvalidOperationException($"The tool was built without {resource}.");
}
