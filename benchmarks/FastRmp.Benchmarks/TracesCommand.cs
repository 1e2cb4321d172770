using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>traces</c>: <c>fastrmp replay</c> from a file to its table, by the native tool, beside C that reads the same
/// file and understands nothing of it.</summary>
/// <remarks>The sample of a page allocator's trace in tests/Fixtures, twelve times over; the same as an RMP trace, forty times its
/// instructions. Medians, with the least and the most. A bound is an aim on an idle machine.</remarks>
internal static class TracesCommand
{
    private const int Runs = 15;
    private const int Samples = 12;
    private const int RmpSamples = 40;
    private const int UnitBytes = 16;
    private const double LeastBytesPerSecond = 1e9;
    private const double MostOfAll = 1.5;
    private const double LeastEventsPerSecond = 20e6;

    private static string Sample =>
        Path.GetFullPath(Path.Combine(BuildFacts.ProjectFolder, "../../tests/Fixtures/page-trace/trace.txt.gz"));

    /// <summary>Publishes the tool.</summary>
    /// <returns>Its path.</returns>
    internal static string Publish()
    {
        string project = Path.GetFullPath(Path.Combine(BuildFacts.ProjectFolder, "../../src/FastRmp.Cli"));
        string folder = Path.Combine(BuildFacts.ResultsFolder, "fastrmp");
        _ = Execute("dotnet", "publish", project, "-c", "Release", "-r", "linux-x64", "-o", folder, "--nologo", "-v", "q");
        return Path.Combine(folder, "fastrmp");
    }

    /// <summary>Measures and prints.</summary>
    /// <param name="tool">The native tool.</param>
    /// <returns>0 if all bounds hold, else 1.</returns>
    internal static int Run(string tool)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fastrmp-traces");
        try
        {
            return Run(Path.GetFullPath(tool), folder.FullName) ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool Run(string tool, string folder)
    {
        string pages = Path.Combine(folder, "pages.txt");
        string sample = Path.Combine(folder, "sample.rmpt");
        string text = Path.Combine(folder, "rmp.txt");
        string binary = Path.Combine(folder, "rmp.rmpt");
        WriteSamples(pages);
        _ = Execute(tool, "replay", Sample, "--policy", "level-aware", "--record", sample);
        long events = Repeat(File.ReadAllBytes(sample), binary);
        _ = Execute(tool, "replay", binary, "--policy", "level-aware", "--record", text);

        double one = Print("page allocator's trace, one policy", pages, tool, isText: true, events: 0, "--policy", "level-aware");
        double all = Print("page allocator's trace, all policies", pages, tool, isText: true, events: 0);
        double units = Print("RMP trace, binary, one policy", binary, tool, isText: false, events, "--policy", "level-aware");
        _ = Print("RMP trace, text, one policy", text, tool, isText: true, events, "--policy", "level-aware");

        double speed = new FileInfo(pages).Length / one;
        double eventSpeed = events / units;
        Write($"Text, one policy       {speed / 1e9:F2} GB/s (aim {LeastBytesPerSecond / 1e9:F0})");
        Write($"All policies           {all / one:F2} x one (aim {MostOfAll:F1})");
        Write($"Binary, one policy     {eventSpeed / 1e6:F1} M events/s (aim {LeastEventsPerSecond / 1e6:F0})");
        bool holds = speed >= LeastBytesPerSecond && all / one <= MostOfAll && eventSpeed >= LeastEventsPerSecond;
        Console.WriteLine(holds ? "All bounds hold." : "A bound is exceeded.");
        return holds;
    }

    private static double Print(string title, string path, string tool, bool isText, long events, params string[] options)
    {
        double[] seconds = new double[Runs];
        double[] c = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            seconds[run] = Seconds(() => Execute(tool, ["replay", path, .. options]));
            c[run] = Seconds(() => isText ? NativeBaselines.TraceLines(path) : NativeBaselines.TraceUnits(path));
        }

        Array.Sort(seconds);
        Array.Sort(c);
        double median = seconds[Runs / 2];
        long bytes = new FileInfo(path).Length;
        CultureInfo invariant = CultureInfo.InvariantCulture;
        string counted = events == 0 ? string.Empty : string.Create(invariant, $", {events / median / 1e6:F1} M events/s");
        Write(
            $"{title,-38} {bytes / 1e6:F0} MB   {median:F3} s ({seconds[0]:F3} to {seconds[^1]:F3})   {bytes / median / 1e9:F2} GB/s{counted}   C reads it in {c[Runs / 2]:F3} s");
        return median;
    }

    private static double Seconds<T>(Func<T> action)
    {
        long started = Stopwatch.GetTimestamp();
        _ = action();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void WriteSamples(string path)
    {
        using FileStream packed = File.OpenRead(Sample);
        using GZipStream unpacked = new(packed, CompressionMode.Decompress);
        using MemoryStream text = new();
        unpacked.CopyTo(text);
        using FileStream file = File.Create(path);
        for (int time = 0; time < Samples; time++)
        {
            file.Write(text.GetBuffer(), 0, (int)text.Length);
        }
    }

    // The events of a binary trace again and again, each time later: docs/rmp-trace.md has the layout.
    private static long Repeat(byte[] trace, string path)
    {
        const ulong NoEvent = 15;
        const ulong Time = 0x5F;
        const ulong LastOfMachine = 0x3F;
        int first = UnitBytes;
        while (Low(trace, first) is ulong machine && (machine & NoEvent) == NoEvent && (machine & byte.MaxValue) <= LastOfMachine)
        {
            first = Next(trace, first);
        }

        int end = trace.Length - UnitBytes;
        ulong span = 0;
        for (int at = first; at < end; at = Next(trace, at))
        {
            if (Low(trace, at) == Time) span = Math.Max(span, High(trace, at) + 1);
        }

        long events = (long)High(trace, end) * RmpSamples;
        using FileStream file = File.Create(path);
        file.Write(trace, 0, first);
        for (int time = 0; time < RmpSamples; time++)
        {
            file.Write(trace, first, end - first);
            for (int at = first; at < end; at = Next(trace, at))
            {
                if (Low(trace, at) == Time) BinaryPrimitives.WriteUInt64LittleEndian(trace.AsSpan(at + 8), High(trace, at) + span);
            }
        }

        BinaryPrimitives.WriteUInt64LittleEndian(trace.AsSpan(end + 8), (ulong)events);
        file.Write(trace, end, UnitBytes);
        return events;
    }

    // Behind a unit, and the text that follows it if it is a name's.
    private static int Next(byte[] trace, int at)
    {
        ulong low = Low(trace, at);
        int length = (low & byte.MaxValue) is 0x1F or 0x4F ? (int)(low >> 8) : 0;
        return at + UnitBytes + ((length + UnitBytes - 1) & -UnitBytes);
    }

    private static ulong Low(byte[] trace, int at) => BinaryPrimitives.ReadUInt64LittleEndian(trace.AsSpan(at));

    private static ulong High(byte[] trace, int at) => BinaryPrimitives.ReadUInt64LittleEndian(trace.AsSpan(at + 8));

    private static string Execute(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}");
    }

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
