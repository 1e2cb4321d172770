using System;
using System.Globalization;
using System.IO;
using System.Threading;

namespace FastRmp.Qemu;

/// <summary>Writes what happens, one event a line: seconds since the start, processor, event, fields.</summary>
/// <remarks>docs/rmp-trace.md has the language, docs/qemu.md what is added to it. Without a writer nothing is done. Any threads.</remarks>
internal sealed class EventLog(TextWriter? writer, TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();
    private readonly Lock _gate = new();

    /// <summary>Whether events are written: what costs something to find out need not be found out otherwise.</summary>
    internal bool IsOn => writer is not null;

    /// <summary>The heading, and what the machine is.</summary>
    /// <param name="processor">The generation.</param>
    /// <param name="ram">Its RAM.</param>
    internal void Begin(ProcessorModel processor, ReadOnlySpan<PhysicalRange> ram)
    {
        if (writer is null) return;
        string ranges = "";
        foreach (PhysicalRange range in ram) ranges += FormattableString.Invariant($" {range.Start.Value:x}-{range.End - 1:x}");
        lock (_gate) writer.Write($"# fastrmp rmp trace 1\nprocessor {processor.Name}\nram{ranges}\n");
    }

    /// <summary>One event.</summary>
    /// <param name="processor">The processor's number.</param>
    /// <param name="text">The event and its fields.</param>
    internal void Write(int processor, FormattableString text)
    {
        if (writer is null) return;
        double seconds = clock.GetElapsedTime(_start).TotalSeconds;
        string line = string.Create(CultureInfo.InvariantCulture, $"{seconds:F6} cpu{processor} {FormattableString.Invariant(text)}\n");
        lock (_gate) writer.Write(line);
    }

    /// <summary>Brings what was written to the file.</summary>
    internal void Flush()
    {
        if (writer is null) return;
        lock (_gate) writer.Flush();
    }
}
