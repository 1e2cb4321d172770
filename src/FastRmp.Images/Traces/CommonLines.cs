using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FastRmp.Images;

/// <summary>The lines that nearly all of a trace consists of, read in one pass over their bytes.</summary>
/// <remarks>
/// <para>What stands before the event, from the processor's number on, has few forms, and what stands before that number, the task, is
/// one that <see cref="PageLineParser"/> has read before: it is known by its bytes. So nothing is decided here in another way than
/// there: a line that differs in anything is left to it, and a test compares both on every line that they read.</para>
/// <para>For one thread.</para>
/// </remarks>
internal sealed class CommonLines
{
    private const byte Space = (byte)' ';
    private const byte Colon = (byte)':';
    private const int Slots = 256;
    private const int LongestTask = 64;
    private const int ShortestTask = 16; // what the number of its slot is made of
    private const int MostFlags = 8;
    private const int MostDigits = 12;
    private const int FractionDigits = 9;
    private const int FrameDigits = 9; // hexadecimal: less than a frame may have, so that none is too high

    private readonly byte[] _texts = new byte[Slots * LongestTask];
    private readonly int[] _lengths = new int[Slots];
    private readonly int[] _tasks = new int[Slots];
    private int _open = -1;

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, not the first of its file.</param>
    /// <param name="result">What it says; its task is not set.</param>
    /// <param name="task">The number of its task.</param>
    /// <param name="time">Its time in nanoseconds.</param>
    /// <returns>Whether it is an event, or only to be counted; <see cref="PageLineStatus.Other"/> if it has to be read by
    /// <see cref="PageLineParser"/>.</returns>
    internal PageLineStatus Parse(ReadOnlySpan<byte> line, scoped ref PageLine result, out int task, out ulong time)
    {
        task = 0;
        time = 0;
        int open = _open;
        if ((uint)open >= (uint)line.Length || line[open] != (byte)'[') return PageLineStatus.Other;
        ReadOnlySpan<byte> text = line[..open];
        int slot = Slot(text);
        if (!text.SequenceEqual(_texts.AsSpan(slot * LongestTask, _lengths[slot]))) return PageLineStatus.Other;
        task = _tasks[slot];
        return TryColumns(line, open, out int at, out time) ? Event(line[at..], ref result) : PageLineStatus.Other;
    }

    /// <summary>Remembers the task of a line that <see cref="PageLineParser"/> has read.</summary>
    /// <param name="line">The line.</param>
    /// <param name="parsed">What it says.</param>
    /// <param name="task">The number of its task.</param>
    internal void Learn(ReadOnlySpan<byte> line, in PageLine parsed, int task)
    {
        if (!parsed.HasTask || parsed.Processor != PageLine.NoProcessor) return;
        int name = line.IndexOf(PageEventNames.Common);
        int open = name < 0 ? -1 : line[..name].LastIndexOf((byte)'[');
        if (open is < ShortestTask or > LongestTask || line[..open].ContainsAny(Colon, (byte)'|')) return;

        // The same columns, and before them the same task.
        if (!TryColumns(line, open, out int at, out _) || at != name) return;
        if (!TraceHeader.TryParse(line[..at], out ReadOnlySpan<byte> own) || !own.SequenceEqual(parsed.Task)) return;
        _open = open;
        int slot = Slot(line[..open]);
        line[..open].CopyTo(_texts.AsSpan(slot * LongestTask));
        _lengths[slot] = open;
        _tasks[slot] = task;
    }

    // The end of a task's column has its number, which differs most.
    private static int Slot(ReadOnlySpan<byte> text)
    {
        ulong near = BinaryPrimitives.ReadUInt64LittleEndian(text[^(ShortestTask / 2)..]);
        ulong far = BinaryPrimitives.ReadUInt64LittleEndian(text[^ShortestTask..]);
        return (int)(((near * 0x9E3779B97F4A7C15) ^ (far * 0xC2B2AE3D27D4EB4F)) >> 56);
    }

    /// <summary>Reads <c>[CPU] FLAGS TIME: </c>, where the flags may be missing.</summary>
    /// <param name="line">The line.</param>
    /// <param name="open">Where it begins.</param>
    /// <param name="at">Where it ends.</param>
    /// <param name="time">The time in nanoseconds.</param>
    private static bool TryColumns(ReadOnlySpan<byte> line, int open, out int at, out ulong time)
    {
        time = 0;
        at = open + 1;
        int start = at;
        at = Digits(line, at);
        if (at == start || at - start > MostDigits || at + 1 >= line.Length || line[at] != (byte)']' || line[at + 1] != Space) return false;
        at = Spaces(line, at + 2);
        start = at;
        while ((uint)at < (uint)line.Length && line[at] is > Space and < 0x7F and not Colon and not (byte)'|' and not (byte)']')
        {
            at++;
        }

        if ((uint)at >= (uint)line.Length) return false;
        if (line[at] == Space)
        {
            if (at == start || at - start > MostFlags) return false;
            at = Spaces(line, at);
        }
        else
        {
            at = start; // no flags
        }

        return TryTime(line, ref at, ref time);
    }

    private static bool TryTime(ReadOnlySpan<byte> line, ref int at, ref ulong time)
    {
        int start = at;
        ulong value = 0;
        while ((uint)at < (uint)line.Length && (uint)(line[at] - '0') <= 9)
        {
            value = (value * 10) + (uint)(line[at++] - '0');
        }

        if (at == start || at - start > MostDigits || (uint)at >= (uint)line.Length || line[at] != (byte)'.') return false;
        start = ++at;
        while ((uint)at < (uint)line.Length && (uint)(line[at] - '0') <= 9)
        {
            value = unchecked((value * 10) + (uint)(line[at++] - '0'));
        }

        int digits = at - start;
        if (digits is 0 or > FractionDigits || at >= LineTime.LongestHeader || !line[at..].StartsWith(": "u8)) return false;
        at += 2;
        for (; digits < FractionDigits; digits++)
        {
            value = unchecked(value * 10);
        }

        time = value;
        return true;
    }

    private static PageLineStatus Event(ReadOnlySpan<byte> text, scoped ref PageLine result)
    {
        int at;
        bool isAllocation = text.StartsWith("mm_page_alloc: page="u8);
        if (isAllocation)
        {
            at = "mm_page_alloc: page=".Length;
        }
        else if (text.StartsWith("mm_page_free: page="u8))
        {
            at = "mm_page_free: page=".Length;
        }
        else if (result.PassesLists && text.StartsWith("mm_page_free_batched: "u8))
        {
            result.Name = PageEventNames.Batched;
            return PageLineStatus.Passed;
        }
        else
        {
            return PageLineStatus.Other;
        }

        // A pointer; what else may be there means more.
        int start = at;
        at = AfterPointer(text, at);
        if (at == start || !text[at..].StartsWith(" pfn=0x"u8)) return PageLineStatus.Other;
        at += " pfn=0x".Length;
        start = at;
        ulong frame = 0;
        for (uint digit; (uint)at < (uint)text.Length && (digit = HexDigit(text[at])) <= 15; at++)
        {
            frame = (frame << 4) | digit;
        }

        if (at - start is 0 or > FrameDigits || frame == 0 || !text[at..].StartsWith(" order="u8)) return PageLineStatus.Other;
        at += " order=".Length;
        if ((uint)at >= (uint)text.Length) return PageLineStatus.Other;
        int order = text[at] - '0';
        if ((uint)order > 9 || !IsEnd(text, ++at)) return PageLineStatus.Other; // two digits are left to the other parser
        bool isMovable = false;
        if (isAllocation)
        {
            if (!text[at..].StartsWith(" migratetype="u8)) return PageLineStatus.Other;
            at += " migratetype=".Length;
            if ((uint)at >= (uint)text.Length || (uint)(text[at] - '0') > 9) return PageLineStatus.Other;
            isMovable = text[at] == '1';
            if (!IsEnd(text, ++at)) return PageLineStatus.Other;
        }

        result.Name = isAllocation ? PageEventNames.Allocation : PageEventNames.Release;
        result.Kind = isAllocation ? PageEventKind.Allocation : PageEventKind.Release;
        result.Frame = frame;
        result.Order = order;
        result.IsMovable = isMovable;
        result.HasTask = true;
        result.Processor = PageLine.NoProcessor;
        return PageLineStatus.Event;
    }

    private static bool IsEnd(ReadOnlySpan<byte> text, int at) => (uint)at >= (uint)text.Length || text[at] == Space;

    private static int Digits(ReadOnlySpan<byte> line, int at)
    {
        while ((uint)at < (uint)line.Length && (uint)(line[at] - '0') <= 9)
        {
            at++;
        }

        return at;
    }

    private static int Spaces(ReadOnlySpan<byte> line, int at)
    {
        while ((uint)at < (uint)line.Length && line[at] == Space)
        {
            at++;
        }

        return at;
    }

    // Hexadecimal digits and the 'x' before them; most pointers have sixteen digits, which are looked at together.
    private static int AfterPointer(ReadOnlySpan<byte> text, int at)
    {
        if (at + Vector128<byte>.Count <= text.Length)
        {
            Vector128<byte> bytes = Vector128.Create(text.Slice(at, Vector128<byte>.Count));
            Vector128<byte> digits = Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)9));
            Vector128<byte> letters = Vector128.LessThanOrEqual(
                (bytes | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)5));
            if ((digits | letters) == Vector128<byte>.AllBitsSet) at += Vector128<byte>.Count;
        }

        while ((uint)at < (uint)text.Length && (HexDigit(text[at]) <= 15 || text[at] == 'x'))
        {
            at++;
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint HexDigit(byte one) => HexDigits[one];

    // 255 for what is no digit.
    private static ReadOnlySpan<byte> HexDigits =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 255, 255, 255, 255, 255,
        255, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    ];
}
