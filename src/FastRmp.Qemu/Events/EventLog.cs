using System;
using System.Globalization;
using System.IO;
using System.Threading;

namespace FastRmp.Qemu;

/// <summary>Writes what happens, one event a line: seconds since the start, processor, event, fields.</summary>
/// <remarks>docs/rmp-trace.md has the language, docs/qemu.md what is added to it. Without a writer nothing is done. A writer that
/// fails, a full disk's say, is used no more, and the machine goes on. Any threads.</remarks>
internal sealed class EventLog(TextWriter? writer, TimeProvider clock)
{
    /// <summary>How old an event gets before it is in the file, if others follow: the emulator may be killed.</summary>
    private static readonly TimeSpan MostUnwritten = TimeSpan.FromSeconds(1);

    private readonly long _start = clock.GetTimestamp();
    private readonly Lock _gate = new();
    private long _flushed = clock.GetTimestamp();
    private volatile string? _problem;

    /// <summary>Whether events are written: what costs something to find out need not be found out otherwise.</summary>
    internal bool IsOn => writer is not null && _problem is null;

    /// <summary>Why no more events are written; null if they are, or nobody wants any.</summary>
    internal string? Problem => _problem;

    /// <summary>The heading, and what the machine is.</summary>
    /// <param name="processor">The generation.</param>
    /// <param name="ram">Its RAM.</param>
    internal void Begin(ProcessorModel processor, ReadOnlySpan<PhysicalRange> ram)
    {
        if (!IsOn) return;
        string ranges = "";
        foreach (PhysicalRange range in ram) ranges += FormattableString.Invariant($" {range.Start.Value:x}-{range.End - 1:x}");
        Append($"# fastrmp rmp trace 1\nprocessor {processor.Name}\nram{ranges}\n", flush: true);
    }

    /// <summary>One event.</summary>
    /// <param name="processor">The processor's number.</param>
    /// <param name="text">The event and its fields.</param>
    internal void Write(int processor, FormattableString text)
    {
        if (!IsOn) return;
        double seconds = clock.GetElapsedTime(_start).TotalSeconds;
        string line = string.Create(CultureInfo.InvariantCulture, $"{seconds:F6} cpu{processor} {FormattableString.Invariant(text)}\n");
        Append(line, flush: clock.GetElapsedTime(Volatile.Read(ref _flushed)) >= MostUnwritten);
    }

    /// <summary>Brings what was written to the file.</summary>
    internal void Flush()
    {
        if (IsOn) Append("", flush: true);
    }

    private void Append(string text, bool flush)
    {
        lock (_gate)
        {
            if (_problem is not null) return;
            try
            {
                writer!.Write(text);
                if (!flush) return;
                writer.Flush();
                Volatile.Write(ref _flushed, clock.GetTimestamp());
            }
            catch (IOException failure)
            {
                _problem = failure.Message;
            }
        }
    }
}
