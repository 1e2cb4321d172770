using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace FastRmp.Images;

/// <summary>What a host asked of its RMP: RMPUPDATE and PSMASH with their answers, firmware commands, faults, the splits and joins of the
/// kernel's direct map. The language is in docs/rmp-trace.md.</summary>
/// <remarks>
/// <para>Whatever is wrong with the input is in <see cref="Problems"/>, and what could be read is here all the same.</para>
/// <para>Immutable once read; any threads may read.</para>
/// </remarks>
public sealed class RmpTrace
{
    /// <summary>What is wrong with a trace without events.</summary>
    internal const string NoEvent = "the trace has no event (rmpupdate, psmash, write, ...)";

    private readonly RmpEventStore _events;
    private readonly long[] _counts = new long[(int)RmpTraceEventKind.Mark + 1];
    private readonly List<PhysicalRange> _ram;
    private readonly List<PhysicalRange> _mapped4K;
    private RmpTraceEvent[]? _unpacked;

    internal RmpTrace(string name, RmpEventStore events, List<PhysicalRange> ram, List<PhysicalRange> mapped4K)
    {
        Name = name;
        _events = events;
        _ram = ram;
        _mapped4K = mapped4K;
    }

    /// <summary>The input's name.</summary>
    public string Name { get; }

    /// <summary>The events in file order. They are kept in 16 bytes each, and more for rare fields; the first call unpacks all of
    /// them.</summary>
    public ReadOnlySpan<RmpTraceEvent> Events => LazyInitializer.EnsureInitialized(ref _unpacked, Unpack);

    /// <summary>The events as they are kept.</summary>
    internal RmpEventStore Store => _events;

    /// <summary>The events in file order, without unpacking them all.</summary>
    internal RmpEventBlocks Blocks => new(_events);

    /// <summary>The names of commands, marks and classes, by the numbers that records have.</summary>
    internal ReadOnlySpan<string> Names => _events.Names;

    /// <summary>How many events there are.</summary>
    internal int EventCount => _events.Count;

    /// <summary>The machine's RAM as the trace states it, in the order of its lines; empty if it does not.</summary>
    public ReadOnlySpan<PhysicalRange> Ram => CollectionsMarshal.AsSpan(_ram);

    /// <summary>The RAM that the kernel mapped by 4 KiB leaves when the trace began, though larger ones fitted.</summary>
    public ReadOnlySpan<PhysicalRange> Mapped4K => CollectionsMarshal.AsSpan(_mapped4K);

    /// <summary>The processor, if the trace names it.</summary>
    public ProcessorModel? Processor { get; internal set; }

    /// <summary>How many lines the text has; of the binary form how many events.</summary>
    public long LineCount { get; internal set; }

    /// <summary>What is wrong with the text: lines that do not parse, a cut file, a trace without one event.</summary>
    public InputProblems Problems { get; } = new();

    /// <summary>The address after the highest page of any event; 0 if no event has one.</summary>
    public ulong End { get; private set; }

    /// <summary>How many events there are of a kind.</summary>
    /// <param name="kind">The kind; any value.</param>
    /// <returns>The number.</returns>
    public long Count(RmpTraceEventKind kind) => (int)kind < _counts.Length ? _counts[(int)kind] : 0;

    /// <summary>Opens a trace.</summary>
    /// <param name="path">The file, text or binary: plain, gzip or zstd, or a pipe.</param>
    /// <param name="progress">Called now and then with the bytes of the file consumed so far, before decompression.</param>
    /// <returns>The trace.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory.</exception>
    public static RmpTrace Open(string path, Action<long>? progress = null)
    {
        using InputStream stream = InputStream.Open(path);
        return Read(stream, progress);
    }

    /// <summary>Reads a trace.</summary>
    /// <param name="stream">The text, or the binary form, plain, gzip or zstd; stays open.</param>
    /// <param name="name">The input's name for messages.</param>
    /// <param name="progress">Called now and then with the bytes of the stream consumed so far, before decompression.</param>
    /// <returns>The trace.</returns>
    /// <exception cref="IOException">The first bytes of the stream cannot be read.</exception>
    public static RmpTrace Read(Stream stream, string name, Action<long>? progress = null)
    {
        using InputStream input = new(stream, name, leaveOpen: true);
        return Read(input, progress);
    }

    /// <summary>Whether an input is such a trace: of the binary form, or by the first line that is neither blank nor a comment.</summary>
    /// <param name="head">The first bytes, unpacked.</param>
    /// <returns>Whether they are those of the binary form, or that line is an event, or about the machine, or the heading comes before
    /// it.</returns>
    public static bool IsHead(ReadOnlySpan<byte> head)
    {
        if (RmpBinaryRecords.IsMagic(head)) return true;
        while (!head.IsEmpty)
        {
            int end = head.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (end < 0 ? head : head[..end]).Trim(" \t\r"u8);
            head = end < 0 ? default : head[(end + 1)..];
            if (line.IsEmpty) continue;
            if (RmpTraceLineParser.IsFirst(line)) return true;
            if (line[0] != '#') return false;
        }

        return false;
    }

    internal static RmpTrace Read(InputStream stream, Action<long>? progress) =>
        RmpBinaryRecords.IsMagic(stream.Head(RmpBinaryRecords.HeadBytes)) ? RmpBinaryReader.Read(stream, progress)
            : new RmpTraceReader(stream).Read(progress);

    /// <summary>What was noted of its operands.</summary>
    internal RmpUpdatesSeen Updates { get; } = new();

    /// <summary>How many RMPUPDATEs and PSMASHes failed.</summary>
    internal long Failed { get; private set; }

    /// <summary>How many of these were answered without being executed.</summary>
    internal long Injected { get; private set; }

    /// <summary>Counts an event that was appended.</summary>
    internal void Take(in RmpRecord one)
    {
        _counts[(int)one.Kind]++;
        if (one.Kind is RmpTraceEventKind.Other or RmpTraceEventKind.Firmware or RmpTraceEventKind.Mark) return;
        if (RmpEventCoder.HasOperand(one.Kind)) Updates.Take(one, _ram);
        if (!one.IsSuccess && one.Kind is (RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PSmash))
        {
            Failed++;
            if (one.IsInjected) Injected++;
        }

        PageSize size = one.Kind switch
        {
            RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PValidate => one.Operand.PageSize,
            RmpTraceEventKind.Unsmash => PageSize.Size2M,
            _ => one.Size,
        };
        ulong further = (ulong)(one.Pages - 1) * PageSize.Size4K.Bytes();
        End = Math.Max(End, one.Page.AlignDown(size).Value + size.Bytes() + further);
    }

    /// <summary>Counts RMPUPDATEs of 4 KiB, of which <see cref="Updates"/> has what it notes, and writes.</summary>
    /// <param name="updates">How many RMPUPDATEs.</param>
    /// <param name="writes">How many writes.</param>
    /// <param name="lastFrame">The highest page of any.</param>
    internal void Take(int updates, int writes, ulong lastFrame)
    {
        _counts[(int)RmpTraceEventKind.RmpUpdate] += updates;
        _counts[(int)RmpTraceEventKind.Write] += writes;
        End = Math.Max(End, (lastFrame + 1) << PageSize.Size4K.Shift());
    }

    /// <summary>Adds a range of RAM, or of what was mapped by 4 KiB leaves.</summary>
    internal void AddRange(PhysicalRange range, bool isRam) => (isRam ? _ram : _mapped4K).Add(range);

    private RmpTraceEvent[] Unpack()
    {
        RmpTraceEvent[] all = new RmpTraceEvent[_events.Count];
        int at = 0;
        foreach (ReadOnlySpan<RmpRecord> block in Blocks)
        {
            foreach (ref readonly RmpRecord one in block)
            {
                all[at++] = one.ToEvent(Names);
            }
        }

        return all;
    }
}
