using System;
using System.Buffers;

namespace FastRmp.Images;

/// <summary>Takes lines apart: prefixes and envelopes off, wrapped lines together, each message to the reader that knows it.</summary>
internal sealed class LogScanner(LogContext context)
{
    private const int MostWraps = 2;
    private const int LongestWrap = 400;
    private const int ShortestWrapped = 40;
    private const int Readers = 10;
    private const int AnyReader = -1;

    private readonly ArrayBufferWriter<byte> _clean = new();
    private readonly ArrayBufferWriter<byte> _message = new();
    private readonly ArrayBufferWriter<byte> _joined = new();
    private readonly ArrayBufferWriter<byte> _next = new();
    private readonly ArrayBufferWriter<byte> _nextMessage = new();
    private readonly JournalTime _time = new();
    private bool _isStamped;
    private byte _lineEnd;
    private byte _otherEnd;
    private bool _isRest;

    /// <summary>Reads all lines that are there.</summary>
    /// <param name="blocks">The log.</param>
    /// <param name="all">Whether the log ends here or pauses.</param>
    internal void Read(LogBlocks blocks, bool all)
    {
        while (blocks.TryNext(context.Attention > 0, all, out ReadOnlySpan<byte> line, out ReadOnlySpan<byte> ahead))
        {
            context.Line = blocks.LineNumber;
            _lineEnd = blocks.LineEnd;
            _otherEnd = blocks.OtherEnd;
            _isRest = blocks.IsRest;
            _time.Blocks = blocks;
            if (_isRest) context.ReportLongLine();
            if (context.Attention > 0 && --context.Attention == 0) context.Close();
            int taken = Line(line, ahead);
            if (taken != 0) blocks.Take(taken);
        }
    }

    /// <summary>A line; in it a carriage return ends one, too, as a console writes it.</summary>
    private int Line(ReadOnlySpan<byte> line, ReadOnlySpan<byte> ahead)
    {
        int taken = 0;
        while (!line.IsEmpty)
        {
            int end = line.IndexOf(_otherEnd);
            ReadOnlySpan<byte> piece = end < 0 ? line : line[..end];
            line = end < 0 ? default : line[(end + 1)..];
            if (!piece.IsEmpty) taken += Piece(piece, line.Trim(_otherEnd).IsEmpty ? ahead : default);
        }

        return taken;
    }

    private int Piece(ReadOnlySpan<byte> piece, ReadOnlySpan<byte> ahead)
    {
        ReadOnlySpan<byte> text = Message(piece, _clean, _message, out ReadOnlySpan<byte> stamp);
        if (text.IsEmpty) return 0;
        _isStamped = !stamp.IsEmpty;
        context.SetStamp(stamp);
        if (context.Region is { } region && IsCut(text))
        {
            region.IsElided = true;
            context.Region = null;
        }

        // A mail's soft line break may stand inside a number.
        if (text is [.., (byte)'='] && Join(text, ahead, Reading.Part, AnyReader) is > 0 and int joined) return joined;
        PageFaultMessages.Follow(text, context);
        Reading reading = Dispatch(text, isLast: false, out int reader);
        if (reading == Reading.Whole) return 0;
        if (reading == Reading.None)
        {
            return _isStamped && piece.Length >= ShortestWrapped ? Join(text, ahead, Reading.Part, AnyReader) : 0;
        }

        int taken = Join(text, ahead, reading, reader);
        if (taken == 0) Dispatch(text, isLast: true, out _);
        return taken;
    }

    /// <summary>Tries the message with the lines after it.</summary>
    /// <param name="text">The message.</param>
    /// <param name="ahead">What follows it.</param>
    /// <param name="reading">What came of it alone.</param>
    /// <param name="reader">Who has to read the whole: who began it; any if nobody did.</param>
    /// <returns>How many of them belonged to it; 0 if none did.</returns>
    private int Join(ReadOnlySpan<byte> text, ReadOnlySpan<byte> ahead, Reading reading, int reader)
    {
        _joined.ResetWrittenCount();
        _joined.Write(text);
        for (int taken = 1; taken <= MostWraps && !ahead.IsEmpty; taken++)
        {
            int end = ahead.IndexOf(_lineEnd);
            ReadOnlySpan<byte> line = (end < 0 ? ahead : ahead[..end]).Trim("\r\n "u8);
            ahead = end < 0 ? default : ahead[(end + 1)..];
            if (line.Length > LongestWrap) return 0;
            ReadOnlySpan<byte> more = Message(line, _next, _nextMessage, out ReadOnlySpan<byte> stamp);
            bool isOwn = !stamp.IsEmpty && reading != Reading.PartOfTwo;
            if (more.IsEmpty || isOwn || KernelMessage.IsOwn(more) || (_isStamped && IsCut(more))) return 0;
            if (_joined.WrittenSpan is [.., (byte)'=']) Shorten();
            else _joined.Write(" "u8);
            _joined.Write(more);
            ReadOnlySpan<byte> joined = _joined.WrittenSpan;
            Reading whole = reader == AnyReader ? Dispatch(joined, isLast: false, out _) : Read(reader, joined, isLast: false);
            if (whole == Reading.Whole) return taken;
        }

        return 0;
    }

    /// <summary>A mail's soft line break: the sign at the end is not the message's.</summary>
    private void Shorten()
    {
        byte[] kept = _joined.WrittenSpan[..^1].ToArray();
        _joined.ResetWrittenCount();
        _joined.Write(kept);
    }

    /// <summary>Takes out a mail's encoding of the equals sign: <c>flags=3D0x0010</c>.</summary>
    private static ReadOnlySpan<byte> Decoded(ReadOnlySpan<byte> line, ArrayBufferWriter<byte> scratch)
    {
        if (line.IndexOf("=3D0x"u8) < 0) return line;
        scratch.ResetWrittenCount();
        while (line.IndexOf("=3D"u8) is >= 0 and int at)
        {
            scratch.Write(line[..(at + 1)]);
            line = line[(at + 3)..];
        }

        scratch.Write(line);
        return scratch.WrittenSpan;
    }

    private ReadOnlySpan<byte> Message(
        ReadOnlySpan<byte> line, ArrayBufferWriter<byte> clean, ArrayBufferWriter<byte> envelope, out ReadOnlySpan<byte> stamp)
    {
        if (TerminalCodes.Has(line)) line = TerminalCodes.Without(line, clean);
        ReadOnlySpan<byte> time = default;
        if (LogEnvelope.TryOpen(line, _isRest, envelope))
        {
            time = _time.Of(line);
            line = envelope.WrittenSpan;
            if (TerminalCodes.Has(line)) line = TerminalCodes.Without(line, clean);
        }
        else
        {
            line = Decoded(line, envelope);
        }

        ReadOnlySpan<byte> text = LogPrefix.Strip(line, out stamp).TrimEnd(" \t"u8);
        if (stamp.IsEmpty) stamp = time;
        return text;
    }

    /// <summary>What people and kernels write where lines are missing.</summary>
    private static bool IsCut(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("..."u8) || text.SequenceEqual("[...]"u8) || text.SequenceEqual("…"u8) || text.SequenceEqual("<...>"u8)
        || text.SequenceEqual("[snip]"u8) || text.SequenceEqual("<snip>"u8) || text.SequenceEqual(".."u8)
        || text.IndexOf("printk messages dropped"u8) >= 0 || text.IndexOf("callbacks suppressed"u8) >= 0;

    /// <summary>Gives a message to the readers, one after the other.</summary>
    private Reading Dispatch(ReadOnlySpan<byte> text, bool isLast, out int reader)
    {
        for (reader = 0; reader < Readers; reader++)
        {
            Reading reading = Read(reader, text, isLast);
            if (reading != Reading.None) return reading;
        }

        return Reading.None;
    }

    private Reading Read(int reader, ReadOnlySpan<byte> text, bool isLast) => reader switch
    {
        0 => NestedFaultMessages.Read(text, context, isLast),
        1 => RmpInstructionMessages.Read(text, context, isLast),
        2 => RmpEntryMessages.Read(text, context, isLast),
        3 => PageFaultMessages.Read(text, context, isLast),
        4 => RmpTableMessages.Read(text, context, isLast),
        5 => IommuMessages.Read(text, context, isLast),
        6 => FirmwareMessages.Read(text, context, isLast),
        7 => DirectMapMessages.Read(text, context),
        8 => MachineFaultMessages.Read(text, context),
        _ => HostMessages.Read(text, context, isLast),
    };
}
