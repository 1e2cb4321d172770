using System;

namespace FastRmp.Images;

/// <summary>Reads the lines that nearly all of a trace consists of, as <see cref="RmpTraceEvent.ToString"/> writes them: <c>rmpupdate</c>,
/// <c>psmash</c> and <c>write</c> in one pass, many times as quick as <see cref="RmpTraceLineParser"/>, which reads all others.</summary>
/// <remarks>What this reads means the same to the other: tests compare both.</remarks>
internal ref struct CommonRmpLine
{
    private const int FractionDigits = 9;
    private const int LongestDecimal = 9; // always below 2^31
    private const int LongestHexadecimal = 16;
    private const ulong MostProcessor = 1 << 20;

    private readonly ReadOnlySpan<byte> _line;
    private int _at;

    private CommonRmpLine(ReadOnlySpan<byte> line) => _line = line;

    /// <summary>Reads a line.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="one">The event, without the number of its line.</param>
    /// <returns>False if it is another line.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> line, out RmpTraceEvent one)
    {
        one = default;
        CommonRmpLine text = new(line);
        ulong time = 0;
        int processor = RmpTraceEvent.NoProcessor;
        if (!line.IsEmpty && char.IsAsciiDigit((char)line[0]) && !text.TryTime(out time)) return false;
        if (text.Skip("cpu"u8))
        {
            if (!text.TryDecimal(MostProcessor, out ulong number) || !text.Skip(" "u8)) return false;
            processor = (int)number;
        }

        if (text.Skip("rmpupdate spa="u8)) return text.TryUpdate(time, processor, out one);
        if (text.Skip("write spa="u8)) return text.TryWrite(time, processor, out one);
        return text.Skip("psmash spa="u8) && text.TrySmash(time, processor, out one);
    }

    private bool TryUpdate(ulong time, int processor, out RmpTraceEvent one)
    {
        one = default;
        if (!TryPage(1, out PhysicalAddress page)) return false;
        bool isLarge = Skip(" size=2m"u8);
        if (!isLarge && !Skip(" size=4k"u8)) return false;
        if (!Skip(" assigned="u8) || !TryBit(out bool isAssigned)) return false;
        if (!Skip(" asid="u8) || !TryDecimal(uint.MaxValue, out ulong asid)) return false;
        if (!Skip(" gpa="u8) || !TryHexadecimal(out ulong gpa)) return false;
        if (!Skip(" immutable="u8) || !TryBit(out bool isImmutable)) return false;
        bool isNew = Skip(" new=1"u8);
        if (!TryResult(out int code)) return false;
        one = new RmpTraceEvent
        {
            Kind = RmpTraceEventKind.RmpUpdate,
            Nanoseconds = time,
            Processor = processor,
            Page = page,
            Operand = new RmpUpdateOperand
            {
                Gpa = gpa,
                Assigned = isAssigned,
                PageSize = isLarge ? PageSize.Size2M : PageSize.Size4K,
                Immutable = isImmutable,
                Asid = (uint)asid,
            },
            IsNew = isNew,
            Code = code,
        };
        return true;
    }

    private bool TryWrite(ulong time, int processor, out RmpTraceEvent one)
    {
        one = default;
        ulong pages = 1;
        if (!TryHexadecimal(out ulong address)) return false;
        if (Skip(" pages="u8) && (!TryDecimal(RmpTraceEvent.MostPages, out pages) || pages == 0)) return false;
        bool isNew = Skip(" new=1"u8);
        if (_at != _line.Length || !IsPage(address, pages)) return false;
        one = new RmpTraceEvent
        {
            Kind = RmpTraceEventKind.Write,
            Nanoseconds = time,
            Processor = processor,
            Page = PhysicalAddress.Create(address),
            Pages = (int)pages,
            IsNew = isNew,
            Code = RmpTraceEvent.NoCode,
        };
        return true;
    }

    private bool TrySmash(ulong time, int processor, out RmpTraceEvent one)
    {
        one = default;
        if (!TryPage(1, out PhysicalAddress page) || !TryResult(out int code)) return false;
        one = new RmpTraceEvent
        {
            Kind = RmpTraceEventKind.PSmash,
            Nanoseconds = time,
            Processor = processor,
            Page = page,
            Code = code,
        };
        return true;
    }

    private bool Skip(ReadOnlySpan<byte> word)
    {
        if (!_line[_at..].StartsWith(word)) return false;
        _at += word.Length;
        return true;
    }

    // Seconds, a point, nanoseconds, a blank.
    private bool TryTime(out ulong nanoseconds)
    {
        nanoseconds = 0;
        if (!TryDecimal(ulong.MaxValue, out ulong seconds) || !Skip("."u8)) return false;
        int start = _at;
        if (!TryDecimal(ulong.MaxValue, out ulong fraction) || _at - start != FractionDigits || !Skip(" "u8)) return false;
        nanoseconds = (seconds * 1_000_000_000) + fraction;
        return true;
    }

    private bool TryBit(out bool bit)
    {
        bit = Skip("1"u8);
        return bit || Skip("0"u8);
    }

    private bool TryPage(ulong pages, out PhysicalAddress page)
    {
        page = default;
        return TryHexadecimal(out ulong address) && IsPage(address, pages) && PhysicalAddress.TryCreate(address, out page);
    }

    private static bool IsPage(ulong address, ulong pages) =>
        address <= PhysicalAddress.ValidMask && address + (pages * PageSize.Size4K.Bytes()) <= PhysicalAddress.ValidMask + 1;

    // A number, and at most a name of capitals behind it.
    private bool TryResult(out int code)
    {
        code = 0;
        if (!Skip(" -> "u8) || !TryDecimal(int.MaxValue, out ulong number)) return false;
        code = (int)number;
        if (_at == _line.Length || _line[_at..].SequenceEqual(" SUCCESS"u8)) return true;
        if (_line[_at] != (byte)' ') return false;
        foreach (byte one in _line[(_at + 1)..])
        {
            if (!char.IsAsciiLetterUpper((char)one) && one != (byte)'_') return false;
        }

        return true;
    }

    private bool TryDecimal(ulong most, out ulong value)
    {
        value = 0;
        int at = _at;
        for (; (uint)at < (uint)_line.Length; at++)
        {
            uint digit = (uint)_line[at] - '0';
            if (digit > 9) break;
            value = (value * 10) + digit;
        }

        int length = at - _at;
        _at = at;
        return length is not 0 and <= LongestDecimal && value <= most;
    }

    private bool TryHexadecimal(out ulong value)
    {
        value = 0;
        int at = _at;
        for (; (uint)at < (uint)_line.Length; at++)
        {
            uint digit = (uint)_line[at] - '0';
            if (digit > 9)
            {
                digit = (uint)_line[at] - 'a' + 10;
                if (digit is < 10 or > 15) break;
            }

            value = (value << 4) | digit;
        }

        int length = at - _at;
        _at = at;
        return length is not 0 and <= LongestHexadecimal;
    }
}
