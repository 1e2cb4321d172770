using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;

namespace FastRmp.Qemu;

/// <summary>The kernel's own counters of its direct map, wherever a program prints them on the first serial port: held against its tables
/// at that moment.</summary>
/// <remarks>
/// <para>Linux /proc/meminfo and /proc/vmstat. The counters begin with what the kernel counted at boot, and count the splits of its
/// image too (docs/spec/direct-map.md 1.3), so that only what they change by can be compared. They count splits and joins, whatever is
/// taken out of the map for a while meanwhile, and so does what they are held against.</para>
/// <para>A number is read by the program some time before it is on the console, and a mapping may be split in between. What is printed
/// twice in a row, while the tables stay what they are, was true when it was printed first: such numbers go before all others. Any
/// threads.</para>
/// </remarks>
internal sealed class ConsoleCounters(DirectMapWatch map, EventLog events)
{
    /// <summary>The port that a byte for the console is written to.</summary>
    internal const int Port = 0x3F8;

    private const int LongestLine = 1024;
    private const long KilobytesOf2M = 2048;
    private const long KilobytesOf1G = 512 * KilobytesOf2M;
    private static readonly string[] Names =
    [
        "DirectMap4k", "DirectMap2M", "DirectMap1G", "direct_map_level2_splits", "direct_map_level3_splits",
        "direct_map_level2_collapses", "direct_map_level3_collapses",
    ];

    private static readonly byte[] Ends = [(byte)' ', (byte)'\t', (byte)'\r'];
    private static readonly byte[][] Words = Array.ConvertAll(Names, Encoding.ASCII.GetBytes);

    private readonly Lock _gate = new();
    private readonly byte[] _line = new byte[LongestLine];
    private readonly KernelCounter?[] _counters = new KernelCounter?[Names.Length];
    private int _length;
    private int _maps;

    /// <summary>Whether any was printed.</summary>
    internal bool Any => Array.Exists(_counters, static counter => counter is not null);

    /// <summary>Whether each changed as what it counts.</summary>
    internal bool Agree => !Array.Exists(_counters, static counter => counter is { } one && one.Change != one.OwnChange);

    /// <summary>What each changed by, as the kernel counted it, or as its tables have it.</summary>
    /// <param name="own">As its tables have it.</param>
    internal string Changes(bool own)
    {
        List<string> parts = [];
        for (int i = 0; i < Names.Length; i++)
        {
            if (_counters[i] is not { } counter || (counter.Change == 0 && counter.OwnChange == 0)) continue;
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Names[i]} {(own ? counter.OwnChange : counter.Change):+0;-0;0}"));
        }

        return parts.Count == 0 ? "no change" : string.Join(", ", parts);
    }

    /// <summary>A byte is written to the console.</summary>
    /// <param name="processor">The processor that writes it.</param>
    /// <param name="value">The byte.</param>
    internal void Take(IGuestProcessor processor, byte value)
    {
        lock (_gate)
        {
            if (value == '\n')
            {
                Read(processor, _line.AsSpan(0, _length));
                _length = 0;
            }
            else if (_length < LongestLine)
            {
                _line[_length++] = value;
            }
        }
    }

    private void Read(IGuestProcessor processor, ReadOnlySpan<byte> line)
    {
        if (line.IndexOf("irect"u8) < 0) return; // of DirectMap and direct_map
        StringBuilder said = new();
        DirectMapChanges changes = default;
        for (int i = 0; i < Names.Length; i++)
        {
            int at = line.IndexOf(Words[i]);
            if (at < 0) continue;
            ReadOnlySpan<byte> rest = line[(at + Words[i].Length)..].TrimStart(": \t="u8);
            if (!Utf8Parser.TryParse(rest, out long value, out int digits)) continue;
            if (digits < rest.Length && !Ends.Contains(rest[digits])) continue; // a message of the kernel's came between
            if (said.Length == 0)
            {
                GuestState state = GuestState.Of(processor);
                map.Begin(processor.Index, state);
                if (!map.IsOn) return;
                map.Look(processor.Index, state);
                if (map.Maps != _maps) Array.Clear(_counters); // another kernel's
                _maps = map.Maps;
                changes = map.Changes;
            }

            long own = Own(i, changes);
            (_counters[i] ??= new KernelCounter()).Add(value, own);
            said.Append(CultureInfo.InvariantCulture, $" {Names[i]}={value}");
        }

        if (said.Length != 0) events.Write(processor.Index, $"counters{said}");
    }

    /// <summary>What the tables say, but for a number that stays the same.</summary>
    private static long Own(int counter, DirectMapChanges changes)
    {
        long large = changes.Splits2M - changes.Joins2M;
        long huge = changes.Splits1G - changes.Joins1G;
        return counter switch
        {
            0 => large * KilobytesOf2M,
            1 => (huge * KilobytesOf1G) - (large * KilobytesOf2M),
            2 => -huge * KilobytesOf1G,
            3 => changes.Splits2M,
            4 => changes.Splits1G,
            5 => changes.Joins2M,
            _ => changes.Joins1G,
        };
    }
}
