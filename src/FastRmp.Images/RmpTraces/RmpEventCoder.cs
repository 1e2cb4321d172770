using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>Events of an RMP trace as records of a few bytes, one after the other: what differs from the record before. The layout is in
/// docs/rmp-trace.md; memory and files have the same.</summary>
/// <remarks>A value, which is the state after a record: a copy of it goes on from there.</remarks>
internal struct RmpEventCoder
{
    /// <summary>The longest record.</summary>
    internal const int MostBytes = 128;

    /// <summary>What the lower half of the first byte is in records that are no events.</summary>
    internal const int NoEvent = 15;

    private const int KindMask = 15;
    private const int New = 0x10;
    private const int Write = 0x20;
    private const int More = 0x40;
    private const int ManyPages = 0x80;

    private const int HasProcessor = 1;
    private const int HasCode = 2;
    private const int Injected = 4;
    private const int HasName = 8;
    private const int HasLeaf = 16;
    private const int HasOffset = 32;
    private const int IsRaw = 64;
    private const int SkipsLines = 128;

    private const int Assigned = 1;
    private const int Immutable = 2;
    private const int SizeShift = 2;
    private const int OperandBits = 7;

    private const int PageShift = 12;
    private const ulong OffsetMask = (1UL << PageShift) - 1;
    private const ulong FrameLimit = (PhysicalAddress.ValidMask >> PageShift) + 1;
    private const int MostProcessor = 1 << 20;

    private ulong _time;
    private ulong _frame;
    private ulong _gpaFrame;
    private long _line;

    /// <summary>Writes a record.</summary>
    /// <param name="one">The event.</param>
    /// <param name="name">The number of its name; not looked at if it has none.</param>
    /// <param name="record">At least <see cref="MostBytes"/>.</param>
    /// <returns>How many bytes it has.</returns>
    internal int Encode(in RmpTraceEvent one, uint name, Span<byte> record)
    {
        ulong address = one.Page.Value;
        bool hasOperand = HasOperand(one.Kind);
        bool isRaw = hasOperand && (one.Operand.HasReservedBits || (one.Operand.Gpa & OffsetMask) != 0);
        int usualCode = RmpTraceEvent.HasResult(one.Kind) ? 0 : RmpTraceEvent.NoCode;
        long line = Math.Max(one.Line, _line + 1);
        int more = (one.Processor != RmpTraceEvent.NoProcessor ? HasProcessor : 0) | (one.Code != usualCode ? HasCode : 0)
            | (one.IsInjected ? Injected : 0) | (one.Command is not null ? HasName : 0) | (one.Size != default ? HasLeaf : 0)
            | ((address & OffsetMask) != 0 ? HasOffset : 0) | (isRaw ? IsRaw : 0) | (line != _line + 1 ? SkipsLines : 0);
        int at = 0;
        record[at++] = (byte)((int)one.Kind | (one.IsNew ? New : 0) | (one.IsWrite ? Write : 0) | (more != 0 ? More : 0)
            | (one.Pages != 1 ? ManyPages : 0));
        if (more != 0) record[at++] = (byte)more;
        Put(record, ref at, Folded(unchecked(one.Nanoseconds - _time)));
        Put(record, ref at, Folded(unchecked((address >> PageShift) - _frame)));
        if (one.Pages != 1) Put(record, ref at, (uint)one.Pages);
        if ((more & HasProcessor) != 0) Put(record, ref at, (uint)one.Processor);
        if ((more & HasCode) != 0) Put(record, ref at, (uint)(one.Code + 1));
        if ((more & HasName) != 0) Put(record, ref at, name);
        if ((more & HasLeaf) != 0) record[at++] = (byte)one.Size;
        if ((more & HasOffset) != 0) Put(record, ref at, address & OffsetMask);
        if ((more & SkipsLines) != 0) Put(record, ref at, (ulong)(line - _line - 1));
        if (hasOperand) PutOperand(record, ref at, one.Operand, isRaw);
        _time = one.Nanoseconds;
        _frame = address >> PageShift;
        _line = line;
        return at;
    }

    /// <summary>Reads a record of an event.</summary>
    /// <param name="record">The record, and whatever is behind it.</param>
    /// <param name="names">The names so far.</param>
    /// <param name="one">The event.</param>
    /// <param name="length">How many bytes the record has; if it is none, where it cannot be read on.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    internal string? Decode(ReadOnlySpan<byte> record, ReadOnlySpan<string> names, out RmpTraceEvent one, out int length)
    {
        one = default;
        length = 0;
        if (record.IsEmpty) return Cut;
        int at = 0;
        int head = record[at++];
        RmpTraceEventKind kind = (RmpTraceEventKind)(head & KindMask);
        int more = 0;
        if ((head & More) != 0)
        {
            if (record.Length == 1) return Cut;
            more = record[at++];
        }

        length = at;
        if (!TryTake(record, ref at, out ulong time) || !TryTake(record, ref at, out ulong frame)) return Cut;
        ulong pages = 1;
        ulong processor = 0;
        ulong code = 0;
        ulong name = 0;
        ulong offset = 0;
        ulong skipped = 0;
        int leaf = 0;
        if ((head & ManyPages) != 0 && !TryTake(record, ref at, out pages)) return Cut;
        if (more != 0)
        {
            if ((more & HasProcessor) != 0 && !TryTake(record, ref at, out processor)) return Cut;
            if ((more & HasCode) != 0 && !TryTake(record, ref at, out code)) return Cut;
            if ((more & HasName) != 0 && !TryTake(record, ref at, out name)) return Cut;
            if ((more & HasLeaf) != 0)
            {
                if (at == record.Length) return Cut;
                leaf = record[at++];
            }

            if ((more & HasOffset) != 0 && !TryTake(record, ref at, out offset)) return Cut;
            if ((more & SkipsLines) != 0 && !TryTake(record, ref at, out skipped)) return Cut;
        }

        RmpUpdateOperand operand = default;
        ulong gpaFrame = _gpaFrame;
        if (HasOperand(kind) && TakeOperand(record, ref at, (more & IsRaw) != 0, ref gpaFrame, out operand) is { } wrong) return wrong;
        frame = unchecked(_frame + Unfolded(frame));
        if (frame >= FrameLimit || offset > OffsetMask) return "an address that does not lie below 2^52";
        if (pages - 1 >= RmpTraceEvent.MostPages) return "a number of pages that is not 1 to 2^18";
        if (frame + pages > FrameLimit && pages != 1) return "pages that reach beyond 2^52";
        if (processor > MostProcessor) return "a processor above 2^20";
        if (code > int.MaxValue) return "a result that is no number of 31 bits";
        if (leaf > (int)PageSize.Size1G) return "a leaf that is none of 4K, 2M and 1G";
        if ((more & HasName) != 0 && name >= (ulong)names.Length) return "a name that is not defined";
        if (skipped > int.MaxValue) return "a number of lines that is no number of 31 bits";
        if (kind > RmpTraceEventKind.Mark) return "an event that is not known";
        length = at;
        _time = unchecked(_time + Unfolded(time));
        _frame = frame;
        _gpaFrame = gpaFrame;
        _line += 1 + (long)skipped;
        int usualCode = RmpTraceEvent.HasResult(kind) ? 0 : RmpTraceEvent.NoCode;
        one = new RmpTraceEvent
        {
            Kind = kind,
            Nanoseconds = _time,
            Processor = (more & HasProcessor) != 0 ? (int)processor : RmpTraceEvent.NoProcessor,
            Page = PhysicalAddress.Create((frame << PageShift) | offset),
            Size = (PageSize)leaf,
            Operand = operand,
            Pages = (int)pages,
            IsNew = (head & New) != 0,
            IsWrite = (head & Write) != 0,
            Code = (more & HasCode) != 0 ? (int)code - 1 : usualCode,
            Command = (more & HasName) != 0 ? names[(int)name] : null,
            IsInjected = (more & Injected) != 0,
            Line = _line,
        };
        return null;
    }

    /// <summary>Whether records of a kind have an operand.</summary>
    internal static bool HasOperand(RmpTraceEventKind kind) => kind is RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PValidate
        or RmpTraceEventKind.Guest or RmpTraceEventKind.Convert;

    /// <summary>Writes a number, 7 bits a byte, the lowest first; the top bit says that another one follows.</summary>
    internal static void Put(Span<byte> record, scoped ref int at, ulong value)
    {
        while (value >= 0x80)
        {
            record[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        record[at++] = (byte)value;
    }

    /// <summary>Reads such a number.</summary>
    /// <returns>False if it is cut, or has more than 64 bits.</returns>
    internal static bool TryTake(ReadOnlySpan<byte> record, scoped ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; (uint)at < (uint)record.Length; shift += 7)
        {
            ulong one = record[at++];
            if (shift == 63 && one > 1) return false;
            value |= (one & 0x7F) << shift;
            if (one < 0x80) return true;
        }

        return false;
    }

    private static string Cut => "a record that is cut, or a number of more than 64 bits";

    private void PutOperand(Span<byte> record, scoped ref int at, in RmpUpdateOperand operand, bool isRaw)
    {
        if (isRaw)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(record[at..], operand.Low);
            BinaryPrimitives.WriteUInt64LittleEndian(record[(at + 8)..], operand.High);
            at += 16;
            return;
        }

        record[at++] = (byte)((operand.Assigned ? Assigned : 0) | (operand.Immutable ? Immutable : 0)
            | ((int)operand.PageSize << SizeShift));
        Put(record, ref at, operand.Asid);
        Put(record, ref at, Folded(unchecked((operand.Gpa >> PageShift) - _gpaFrame)));
        _gpaFrame = operand.Gpa >> PageShift;
    }

    private static string? TakeOperand(
        ReadOnlySpan<byte> record, scoped ref int at, bool isRaw, scoped ref ulong gpaFrame, out RmpUpdateOperand operand)
    {
        operand = default;
        if (isRaw)
        {
            if (record.Length - at < 16) return Cut;
            operand = new RmpUpdateOperand(
                BinaryPrimitives.ReadUInt64LittleEndian(record[at..]), BinaryPrimitives.ReadUInt64LittleEndian(record[(at + 8)..]));
            at += 16;
            return null;
        }

        if (at == record.Length) return Cut;
        int bits = record[at++];
        if (!TryTake(record, ref at, out ulong asid) || !TryTake(record, ref at, out ulong delta)) return Cut;
        if (bits > OperandBits) return "an operand with bits that mean nothing";
        if (asid > uint.MaxValue) return "an ASID of more than 32 bits";
        gpaFrame = unchecked(gpaFrame + Unfolded(delta));
        if (gpaFrame >> (64 - PageShift) != 0) return "a guest's address of more than 64 bits";
        operand = new RmpUpdateOperand
        {
            Assigned = (bits & Assigned) != 0,
            Immutable = (bits & Immutable) != 0,
            PageSize = (PageSize)(bits >> SizeShift),
            Asid = (uint)asid,
            Gpa = gpaFrame << PageShift,
        };
        return null;
    }

    // Small numbers of either sign are small: the sign is the lowest bit.
    private static ulong Folded(ulong difference) => (difference << 1) ^ (ulong)((long)difference >> 63);

    private static ulong Unfolded(ulong folded) => (folded >> 1) ^ (0 - (folded & 1));
}
