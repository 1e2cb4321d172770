using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace FastRmp.Images;

/// <summary>Events of an RMP trace as units of 16 bytes: one for an event, and units before it for what few events have. The layout is in
/// docs/rmp-trace.md; memory and files have the same.</summary>
/// <remarks>A value, which is the state after an event: a copy of it goes on from there.</remarks>
internal struct RmpEventCoder
{
    /// <summary>Bytes of a unit.</summary>
    internal const int UnitBytes = 16;

    /// <summary>The longest event: each unit that may come before it, and its own.</summary>
    internal const int MostBytes = 7 * UnitBytes;

    /// <summary>What bits 3:0 are in units that are no events.</summary>
    internal const int NoEvent = 15;

    private const int KindMask = 15;
    private const ulong New = 1 << 4;
    private const ulong Write = 1 << 5;
    private const ulong Assigned = 1 << 6;
    private const ulong Immutable = 1 << 7;
    private const int SizeShift = 8;
    private const int AsidShift = 9;
    private const int FrameShift = 24;
    private const uint MostAsid = (1 << (FrameShift - AsidShift)) - 1;
    private const ulong OperandBits = (1UL << FrameShift) - Assigned;
    private const ulong MostDifference = (1UL << FrameShift) - 1;

    // What comes before an event, in this order, each at most once.
    private const ulong Time = 0x5F;
    private const ulong Line = 0x6F;
    private const ulong Processor = 0x7F;
    private const ulong Fields = 0x8F;
    private const ulong OperandLow = 0x9F;
    private const ulong OperandHigh = 0xAF;

    private const ulong Injected = 1 << 8;
    private const ulong HasName = 1 << 9;
    private const ulong HasCode = 1 << 10;
    private const int LeafShift = 11;
    private const ulong LeafMask = 3;
    private const int OffsetShift = 16;
    private const int PagesShift = 32;
    private const ulong FieldsBits = 0x3_FFFF_0FFF_1FFF;

    private const uint KindsWithOperand = (1u << (int)RmpTraceEventKind.RmpUpdate) | (1u << (int)RmpTraceEventKind.PValidate)
        | (1u << (int)RmpTraceEventKind.Guest) | (1u << (int)RmpTraceEventKind.Convert);

    private const int PageShift = 12;
    private const ulong OffsetMask = (1UL << PageShift) - 1;
    private const ulong FrameLimit = (PhysicalAddress.ValidMask >> PageShift) + 1;
    private const int MostProcessor = 1 << 20;

    private const string Meaningless = "a record with bits that mean nothing";

    private ulong _time;
    private long _line;
    private int _processor; // and 1: 0 is none

    /// <summary>Writes an event.</summary>
    /// <param name="one">The event.</param>
    /// <param name="name">The number of its name; not looked at if it has none.</param>
    /// <param name="units">At least <see cref="MostBytes"/>.</param>
    /// <returns>How many bytes it has.</returns>
    internal int Encode(in RmpTraceEvent one, uint name, Span<byte> units)
    {
        int at = 0;
        ulong address = one.Page.Value;
        bool hasOperand = HasOperand(one.Kind);
        ulong difference = unchecked(one.Nanoseconds - _time);
        if (difference > MostDifference)
        {
            Put(units, ref at, Time, one.Nanoseconds);
            difference = 0;
        }

        long line = Math.Max(one.Line, _line + 1);
        if (line != _line + 1) Put(units, ref at, Line, (ulong)line);
        if (one.Processor + 1 != _processor) Put(units, ref at, Processor, (uint)(one.Processor + 1));
        ulong fields = (one.IsInjected ? Injected : 0) | (one.Command is not null ? HasName : 0)
            | (one.Code != UsualCode(one.Kind) ? HasCode : 0) | ((ulong)one.Size << LeafShift) | ((address & OffsetMask) << OffsetShift)
            | (hasOperand ? (ulong)(one.Pages - 1) << PagesShift : 0);
        if (fields != 0)
        {
            ulong code = (fields & HasCode) != 0 ? (uint)one.Code + 1 : 0;
            Put(units, ref at, Fields | fields, code | (one.Command is not null ? (ulong)name << 32 : 0));
        }

        ulong low = (ulong)one.Kind | (one.IsNew ? New : 0) | (one.IsWrite ? Write : 0) | (address >> PageShift << FrameShift);
        ulong further = (ulong)(one.Pages - 1);
        if (hasOperand)
        {
            RmpUpdateOperand operand = one.Operand;
            further = 0;
            if (IsPlain(operand))
            {
                low |= (operand.Assigned ? Assigned : 0) | (operand.Immutable ? Immutable : 0) | ((ulong)operand.PageSize << SizeShift)
                    | ((ulong)operand.Asid << AsidShift);
                further = operand.Gpa >> PageShift;
            }
            else
            {
                Put(units, ref at, OperandLow, operand.Low);
                Put(units, ref at, OperandHigh, operand.High);
            }
        }

        Put(units, ref at, low, difference | (further << FrameShift));
        _time = one.Nanoseconds;
        _line = line;
        _processor = one.Processor + 1;
        return at;
    }

    /// <summary>Reads an event.</summary>
    /// <param name="units">Its units, and whatever is behind them.</param>
    /// <param name="names">How many names there are so far.</param>
    /// <param name="one">The event; if something is wrong, not all of it.</param>
    /// <param name="length">How many bytes the event has; of any value if it is none.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal string? Decode(ReadOnlySpan<byte> units, int names, out RmpRecord one, out int length)
    {
        Unsafe.SkipInit(out one);
        length = UnitBytes;
        if (units.Length < UnitBytes) return Cut;
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(units);
        return (low & KindMask) != NoEvent ? Take(low, BinaryPrimitives.ReadUInt64LittleEndian(units[sizeof(ulong)..]), ref one)
            : Decode(units, low, names, ref one, out length);
    }

    /// <summary>Passes over events as nearly all are: RMPUPDATEs of 4 KiB where the trace has seen one, and writes, of one unit each.
    /// Nothing is wrong with them, and no more is wanted of them here than their number, their last page and their guests.</summary>
    /// <param name="units">Whole units, and whatever is behind them.</param>
    /// <param name="most">Most events.</param>
    /// <param name="trace">Counts them.</param>
    /// <returns>How many there were.</returns>
    internal int Skim(ReadOnlySpan<byte> units, int most, RmpTrace trace)
    {
        (ulong first, ulong end) = trace.Updates.Known;
        ulong time = _time;
        ulong last = 0;
        uint asid = 0;
        int updates = 0;
        int count = 0;
        most = Math.Min(most, units.Length / UnitBytes);
        for (; count < most; count++)
        {
            ulong low = BinaryPrimitives.ReadUInt64LittleEndian(units[(count * UnitBytes)..]);
            ulong high = BinaryPrimitives.ReadUInt64LittleEndian(units[((count * UnitBytes) + sizeof(ulong))..]);
            ulong frame = low >> FrameShift;
            if ((low & (KindMask | (1 << SizeShift))) == (ulong)RmpTraceEventKind.RmpUpdate)
            {
                if (frame < first || frame >= end) break;
                uint one = (uint)(low >> AsidShift) & MostAsid;
                if (one != asid) trace.Updates.Mark(asid = one);
                updates++;
            }
            else
            {
                ulong further = high >> FrameShift;
                if ((low & (KindMask | OperandBits)) != (ulong)RmpTraceEventKind.Write) break;
                if (further >= RmpTraceEvent.MostPages || frame + further >= FrameLimit) break;
                frame += further;
            }

            last = Math.Max(last, frame);
            time = unchecked(time + (high & MostDifference));
        }

        _time = time;
        _line += count;
        if (count != 0) trace.Take(updates, count - updates, last);
        return count;
    }

    /// <summary>Whether events of a kind have an operand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HasOperand(RmpTraceEventKind kind) => (KindsWithOperand >> (int)kind & 1) != 0;

    /// <summary>Writes a unit.</summary>
    internal static void Put(Span<byte> units, scoped ref int at, ulong low, ulong high)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(units[at..], low);
        BinaryPrimitives.WriteUInt64LittleEndian(units[(at + sizeof(ulong))..], high);
        at += UnitBytes;
    }

    private static string Cut => "a record that is cut";

    private static bool IsPlain(in RmpUpdateOperand operand) =>
        !operand.HasReservedBits && operand.Asid <= MostAsid && (operand.Gpa & OffsetMask) == 0 && operand.Gpa >> PageShift < FrameLimit;

    private static int UsualCode(RmpTraceEventKind kind) => RmpTraceEvent.HasResult(kind) ? 0 : RmpTraceEvent.NoCode;

    // The event's own unit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private string? Take(ulong low, ulong high, ref RmpRecord one)
    {
        RmpTraceEventKind kind = (RmpTraceEventKind)(low & KindMask);
        ulong frame = low >> FrameShift;
        ulong further = high >> FrameShift;
        if (HasOperand(kind))
        {
            RmpUpdateOperand operand = new()
            {
                Assigned = (low & Assigned) != 0,
                Immutable = (low & Immutable) != 0,
                PageSize = (PageSize)(low >> SizeShift & 1),
                Asid = (uint)(low >> AsidShift) & MostAsid,
                Gpa = further << PageShift,
            };
            Store(ref one.Operand, operand);
            further = 0;
        }
        else
        {
            if ((low & OperandBits) != 0) return Meaningless;
            if (Pages(frame, further) is { } wrong) return wrong;
            one.Operand = default;
        }

        _time = unchecked(_time + (high & MostDifference));
        _line++;
        one.Nanoseconds = _time;
        one.Page = PhysicalAddress.FromPageNumber(frame);
        one.Line = _line;
        one.Pages = (int)further + 1;
        one.Processor = _processor - 1;
        one.Code = UsualCode(kind);
        one.Name = RmpRecord.NoName;
        one.Kind = kind;
        one.Size = default;
        one.IsNew = (low & New) != 0;
        one.IsWrite = (low & Write) != 0;
        one.IsInjected = false;
        return null;
    }

    // As two words: to load as 16 bytes what was just stored as two words would wait until both are in the cache.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref RmpUpdateOperand place, in RmpUpdateOperand operand)
    {
        ref ulong words = ref Unsafe.As<RmpUpdateOperand, ulong>(ref place);
        words = operand.Low;
        Unsafe.Add(ref words, 1) = operand.High;
    }

    private static string? Pages(ulong frame, ulong further)
    {
        if (further >= RmpTraceEvent.MostPages) return "a number of pages that is not 1 to 2^18";
        return frame + further >= FrameLimit ? "pages that reach beyond 2^52" : null;
    }

    // An event with units before its own.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private string? Decode(ReadOnlySpan<byte> units, ulong low, int names, ref RmpRecord one, out int length)
    {
        RmpEventCoder before = this;
        string? wrong = Units(units, low, names, ref one, out length);
        if (wrong is not null) this = before;
        return wrong;
    }

    private string? Units(ReadOnlySpan<byte> units, ulong low, int names, ref RmpRecord one, out int length)
    {
        (ulong fields, ulong values) = (0, 0);
        RmpUpdateOperand raw = default;
        ulong last = Time - 1;
        ulong high;
        for (length = 0; ; length += UnitBytes)
        {
            if (units.Length - length < UnitBytes) return Cut;
            low = BinaryPrimitives.ReadUInt64LittleEndian(units[length..]);
            high = BinaryPrimitives.ReadUInt64LittleEndian(units[(length + sizeof(ulong))..]);
            if ((low & KindMask) != NoEvent) break;
            ulong unit = low & byte.MaxValue;
            if (unit <= last || unit > OperandHigh) return "a record that is not known, or not at its place";
            if (unit == OperandHigh != (last == OperandLow)) return "an operand of which a half is missing";
            if (unit == Fields ? (low & ~FieldsBits) != 0 : low != unit) return Meaningless;
            last = unit;
            switch (unit)
            {
                case Time:
                    _time = high;
                    break;
                case Line:
                    if (high > long.MaxValue || (long)high <= _line) return "a number of a line that is not above the one before";
                    _line = (long)high - 1;
                    break;
                case Processor:
                    if (high > MostProcessor + 1) return "a processor above 2^20";
                    _processor = (int)high;
                    break;
                case Fields:
                    (fields, values) = (low, high);
                    break;
                case OperandLow:
                    raw = new RmpUpdateOperand(high, 0);
                    break;
                default:
                    raw = new RmpUpdateOperand(raw.Low, high);
                    break;
            }
        }

        if (last == OperandLow) return "an operand of which a half is missing";
        RmpTraceEventKind kind = (RmpTraceEventKind)(low & KindMask);
        if (last == OperandHigh && (!HasOperand(kind) || (low & OperandBits) != 0 || high >> FrameShift != 0)) return Meaningless;
        string? wrong = Take(low, high, ref one);
        if (wrong is not null) return wrong;
        if (last == OperandHigh) one.Operand = raw;
        length += UnitBytes;
        return fields != 0 ? TakeFields(fields, values, names, ref one) : null;
    }

    private static string? TakeFields(ulong fields, ulong values, int names, ref RmpRecord one)
    {
        ulong code = (uint)values;
        ulong name = values >> 32;
        ulong leaf = fields >> LeafShift & LeafMask;
        ulong further = fields >> PagesShift;
        if (((fields & HasCode) == 0 && code != 0) || ((fields & HasName) == 0 && name != 0)) return Meaningless;
        if (code > int.MaxValue + 1UL) return "a result that is no number of 31 bits";
        if (leaf > (ulong)PageSize.Size1G) return "a leaf that is none of 4K, 2M and 1G";
        if ((fields & HasName) != 0 && name >= (ulong)names) return "a name that is not defined";
        if (further != 0 && !HasOperand(one.Kind)) return Meaningless;
        if (further != 0 && Pages(one.Page.PageNumber, further) is { } wrong) return wrong;
        one.IsInjected = (fields & Injected) != 0;
        if ((fields & HasCode) != 0) one.Code = (int)(code - 1);
        if ((fields & HasName) != 0) one.Name = (int)name;
        one.Size = (PageSize)leaf;
        one.Page += fields >> OffsetShift & OffsetMask;
        if (further != 0) one.Pages = (int)further + 1;
        return null;
    }
}
