using System.Linq;
using System.Text;

namespace FastRmp.Benchmarks.Commands;

/// <summary>What <c>--help</c> prints: the commands beside BenchmarkDotNet's own options.</summary>
internal static class CommandHelp
{
    /// <summary>How a command is written, and what it does.</summary>
    internal static (string Usage, string Summary)[] Commands { get; } =
    [
        ("table", "every row beside C, as docs/speed.md has it"),
        ("table native [--record]", "calls of libfastrmp beside C; recorded as this processor's"),
        ("cache", "what memory, its pages and the caches decide; a checked store beside an array look-up in C"),
        ("scale [--threads N] [--quick]", "1, 2, 4 … N threads at once beside as many in C; N is all processors"),
        ("growth [--quick]", "scan, census, open, replay, map over three decades of size, with the exponent of their time"),
        ("check [PART]…", "every row for a moment: C# and C agree, nothing is allocated"),
        ("gate", "rows against this processor's recorded ratios"),
        ("gate --record [PART]…", "records the ratios of this processor and width of vectors, medians of three runs"),
        ("gate --planted", "a row with a slowdown planted in it: passes if the gate's rules fail it"),
        ("widths", "the recorded ratios by width of vectors, as docs/speed.md has them"),
        ("history [FILE]", "draws history.jsonl, the ratios by release, as SVG: into the file, else to standard output"),
        ("history --add VERSION", "adds what baseline.json has of this processor to history.jsonl"),
        ("open", "a host of 64 TiB opened, within bounds"),
        ("images", "memory images, within bounds"),
        ("logs", "a log of 1 GiB, within bounds"),
        ("traces [TOOL]", "the native fastrmp replay (TOOL, else published) beside C that only reads, within bounds"),
        ("OPTIONS", "anything else goes to BenchmarkDotNet: --filter '*RmpRead*', --list flat"),
    ];

    /// <summary>The text.</summary>
    internal static string Text()
    {
        int width = Commands.Max(static command => command.Usage.Length);
        StringBuilder text = new();
        text.AppendLine("Commands after `dotnet run -c Release --project benchmarks/FastRmp.Benchmarks --`:");
        text.AppendLine();
        foreach ((string usage, string summary) in Commands)
        {
            text.Append("  ").Append(usage.PadRight(width)).Append("  ").AppendLine(summary);
        }

        text.AppendLine();
        text.AppendLine("PART is a part of a row's name; with several, a row needs one of them.");
        text.AppendLine("Figures for the record need an idle machine.");
        return text.ToString();
    }
}
