using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace FastRmp.Images;

/// <summary>Reads the lines of an RMP trace.</summary>
internal sealed class RmpTraceReader(InputStream stream)
{
    private const int MostNames = 1024; // what is damaged has a new one in every line

    private readonly RmpEventStore _events = new();
    private readonly List<PhysicalRange> _ram = [];
    private readonly List<PhysicalRange> _mapped4K = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    internal RmpTrace Read(Action<long>? progress)
    {
        RmpTrace trace = new(stream.Name, _events, _ram, _mapped4K);
        using LineReader lines = new(stream, leaveOpen: true);
        try
        {
            ReadLines(lines, trace, progress);
        }
        catch (MalformedInputException cut)
        {
            trace.Problems.Add(cut.Problem ?? InputProblem.InFile(stream.Name, cut.Message));
        }
        catch (IOException failure)
        {
            trace.Problems.Add(InputProblem.AtLine(stream.Name, lines.LineNumber + 1, $"cannot be read: {failure.Message}"));
        }

        trace.LineCount = lines.LineNumber;
        if (_events.Count == 0 && !trace.Problems.Any)
        {
            string reason = lines.BytesRead == 0 ? "the file is empty" : RmpTrace.NoEvent;
            trace.Problems.Add(InputProblem.InFile(stream.Name, reason));
        }

        return trace;
    }

    private void ReadLines(LineReader lines, RmpTrace trace, Action<long>? progress)
    {
        long reported = 0;
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.BytesRead != reported)
            {
                reported = lines.BytesRead;
                progress?.Invoke(stream.BytesConsumed);
            }

            if (lines.IsTooLong)
            {
                trace.Problems.AddLine(stream.Name, lines.LineNumber, "is too long for a line of a trace");
                continue;
            }

            if (CommonRmpLine.TryRead(line, out RmpTraceEvent common))
            {
                Take(trace, common with { Line = lines.LineNumber });
                continue;
            }

            RmpTraceLineStatus status = RmpTraceLineParser.Parse(
                LinePrefixes.Unquoted(line, lines.LineNumber), out RmpTraceEvent one, out ReadOnlySpan<byte> verb,
                out ReadOnlySpan<byte> rest);
            if (status == RmpTraceLineStatus.Machine) status = TakeMachine(trace, verb, rest);
            if (status == RmpTraceLineStatus.Event) Take(trace, one with { Line = lines.LineNumber, Command = Command(verb) });
            else if (Reason(status) is { } reason) trace.Problems.AddLine(stream.Name, lines.LineNumber, reason);
        }

        progress?.Invoke(stream.BytesConsumed);
    }

    // Few names in many lines.
    private string? Command(ReadOnlySpan<byte> verb)
    {
        const int LongestName = 64;
        if (verb.IsEmpty) return null;
        Span<char> text = stackalloc char[LongestName];
        verb = verb[..Math.Min(verb.Length, LongestName)];
        int length = Encoding.Latin1.GetChars(verb, text);
        if (_names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out string? known)) return known;
        string name = text[..length].ToString();
        if (_names.Count < MostNames) _names.Add(name);
        return name;
    }

    private void Take(RmpTrace trace, in RmpTraceEvent one)
    {
        _events.Add(one);
        trace.Take(RmpRecord.Of(one));
    }

    private RmpTraceLineStatus TakeMachine(RmpTrace trace, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> rest)
    {
        RmpTraceTokens tokens = new(rest);
        if (RmpTraceTokens.Is(verb, "processor"u8))
        {
            bool isPreset = ProcessorModel.TryGetPreset(Encoding.ASCII.GetString(rest), out ProcessorModel? model);
            trace.Processor = model ?? trace.Processor;
            return isPreset ? RmpTraceLineStatus.Nothing : RmpTraceLineStatus.BadProcessor;
        }

        bool isRam = RmpTraceTokens.Is(verb, "ram"u8);
        if (!isRam && !(tokens.TryTake(out ReadOnlySpan<byte> size) && RmpTraceTokens.Is(size, "4k"u8))) return RmpTraceLineStatus.BadSize;
        List<PhysicalRange> ranges = isRam ? _ram : _mapped4K;
        while (tokens.TryTake(out ReadOnlySpan<byte> token))
        {
            if (!TryRange(token, out PhysicalRange range)) return RmpTraceLineStatus.BadRange;
            ranges.Add(range);
        }

        return RmpTraceLineStatus.Nothing;
    }

    // START-LAST in hexadecimal, as /proc/iomem has it.
    private static bool TryRange(ReadOnlySpan<byte> token, out PhysicalRange range)
    {
        range = default;
        int dash = token.IndexOf((byte)'-');
        if (dash < 0 || !RmpTraceTokens.TryAddress(token[..dash], out PhysicalAddress start)) return false;
        if (!RmpTraceTokens.TryAddress(token[(dash + 1)..], out PhysicalAddress last) || last < start) return false;
        range = new PhysicalRange(start, last.Value - start.Value + 1);
        return true;
    }

    private static string? Reason(RmpTraceLineStatus status) => status switch
    {
        RmpTraceLineStatus.NoVerb => "is no event: [TIME] [cpuN] VERB FIELDS [-> RESULT]",
        RmpTraceLineStatus.NoPage => "an event without a page (spa=)",
        RmpTraceLineStatus.BadAddress => "an address that is no hexadecimal number below 2^52",
        RmpTraceLineStatus.BadNumber => "a number that is none, or too large for its field",
        RmpTraceLineStatus.BadSize => "a page size that is none (4k, 2m), or not one of this event",
        RmpTraceLineStatus.NoOperand => "an rmpupdate without the state asked for (assigned=)",
        RmpTraceLineStatus.BadOperand => "an operand (raw=) that is not of 32 hexadecimal digits",
        RmpTraceLineStatus.NoResult => "an instruction without its result (-> CODE)",
        RmpTraceLineStatus.BadProcessor => "a processor that is none of milan, genoa, turin, venice",
        RmpTraceLineStatus.BadRange => "a range that is not START-LAST in hexadecimal",
        RmpTraceLineStatus.NoSide => "a conversion that goes neither to private nor to shared (to=)",
        RmpTraceLineStatus.BadPages => "a number of pages (pages=) that is not 1 to 2^18, or reaches beyond 2^52",
        RmpTraceLineStatus.NoName => "a mark without a name",
        _ => null,
    };
}
