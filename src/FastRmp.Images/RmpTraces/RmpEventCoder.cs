using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FastRmp.Images;

/// <summary>Events of an RMP trace as records of a few bytes, one after the other: what differs from the record before. The layout is in
/// docs/rmp-trace.md; memory and files have the same.</summary>
/// <remarks>A value, which is the state after a record: a copy of it goes on from there.</remarks>
internal struct RmpEventCoder
{
    /// <summary>The longest record.</summary>
    internal const int MostBytes = 128;

    /// <summary>The bytes from the start of a record on, with which it is read as it lies there.</summary>
    internal const int QuickBytes = MostBytes + RecordFields.MostNumberBytes;

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

    private const uint KindsWithOperand = (1u << (int)RmpTraceEventKind.RmpUpdate) | (1u << (int)RmpTraceEventKind.PValidate)
        | (1u << (int)RmpTraceEventKind.Guest) | (1u << (int)RmpTraceEventKind.Convert);

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
    /// <param name="record">The record, and whatever is behind it: quickest if that is <see cref="QuickBytes"/> in all.</param>
    /// <param name="names">How many names there are so far.</param>
    /// <param name="one">The event; if something is wrong, not all of it.</param>
    /// <param name="length">How many bytes the record has; 0 if it is none.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    internal string? Decode(ReadOnlySpan<byte> record, int names, out RmpRecord one, out int length)
    {
        Unsafe.SkipInit(out one);
        if (record.Length >= QuickBytes)
        {
            length = Quick(record, ref one);
            return length != 0 ? null : Decode(record, record.Length, names, out one, out length);
        }

        Span<byte> padded = stackalloc byte[QuickBytes];
        padded[record.Length..].Clear();
        record.CopyTo(padded);
        return Decode(padded, record.Length, names, out one, out length);
    }

    /// <summary>Reads a record of which nothing is wrong or rare, as nearly all are: most of the time goes by until it is known where
    /// the next one begins. Where numbers end is found for 32 bytes at once; then the place of a field is a cycle behind that of the field
    /// before, not a load and a branch for each of its bytes.</summary>
    /// <param name="record">At least <see cref="QuickBytes"/>.</param>
    /// <param name="one">The event; some of it even if it is another record.</param>
    /// <returns>How many bytes the record has; 0 if this does not read it.</returns>
    private int Quick(ReadOnlySpan<byte> record, ref RmpRecord one)
    {
        ulong ends = (uint)~Vector256.ExtractMostSignificantBits(Vector256.Create(record[..Vector256<byte>.Count]));
        int at = 1;
        int head = record[0];
        int more = 0;
        if ((head & More) != 0)
        {
            more = record[at++];
            if ((more & ~(HasProcessor | SkipsLines)) != 0) return 0;
        }

        ends &= ulong.MaxValue << at;
        int fit = 0; // negative as soon as a number has more than eight bytes, or does not end
        ulong time = Take(record, ref ends, ref at, ref fit);
        ulong frame = unchecked(_frame + Unfolded(Take(record, ref ends, ref at, ref fit)));
        ulong pages = (head & ManyPages) != 0 ? Take(record, ref ends, ref at, ref fit) : 1;
        ulong processor = (more & HasProcessor) != 0 ? Take(record, ref ends, ref at, ref fit) : 0;
        ulong skipped = (more & SkipsLines) != 0 ? Take(record, ref ends, ref at, ref fit) : 0;
        RmpTraceEventKind kind = (RmpTraceEventKind)(head & KindMask);
        one.Operand = default;
        ulong gpaFrame = _gpaFrame;
        if (HasOperand(kind))
        {
            ulong bits = Take(record, ref ends, ref at, ref fit);
            ulong asid = Take(record, ref ends, ref at, ref fit);
            gpaFrame = unchecked(gpaFrame + Unfolded(Take(record, ref ends, ref at, ref fit)));
            if (bits > OperandBits || asid > uint.MaxValue || gpaFrame >> (64 - PageShift) != 0) return 0;
            one.Operand = new RmpUpdateOperand
            {
                Assigned = (bits & Assigned) != 0,
                Immutable = (bits & Immutable) != 0,
                PageSize = (PageSize)(bits >> SizeShift),
                Asid = (uint)asid,
                Gpa = gpaFrame << PageShift,
            };
        }

        if (fit < 0 || kind > RmpTraceEventKind.Mark || processor > MostProcessor || skipped > int.MaxValue) return 0;
        if (pages - 1 >= RmpTraceEvent.MostPages || frame >= FrameLimit || (frame + pages > FrameLimit && pages != 1)) return 0;
        _time = unchecked(_time + Unfolded(time));
        _frame = frame;
        _gpaFrame = gpaFrame;
        _line += 1 + (long)skipped;
        one.Nanoseconds = _time;
        one.Page = PhysicalAddress.FromPageNumber(frame);
        one.Line = _line;
        one.Pages = (int)pages;
        one.Processor = (more & HasProcessor) != 0 ? (int)processor : RmpTraceEvent.NoProcessor;
        one.Code = RmpTraceEvent.HasResult(kind) ? 0 : RmpTraceEvent.NoCode;
        one.Name = RmpRecord.NoName;
        one.Kind = kind;
        one.Size = default;
        one.IsNew = (head & New) != 0;
        one.IsWrite = (head & Write) != 0;
        one.IsInjected = false;
        return at;
    }

    // The number that begins at a byte; the lowest of the ends is its own. If there is none it seems to have more than 32 bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Take(ReadOnlySpan<byte> record, ref ulong ends, ref int at, ref int fit)
    {
        int next = BitOperations.TrailingZeroCount(ends) + 1;
        ends &= ends - 1;
        int length = next - at;
        fit |= sizeof(ulong) - length;
        ulong bytes = BinaryPrimitives.ReadUInt64LittleEndian(record[at..]) & (ulong.MaxValue >> (64 - (length * 8)));
        at = next;
        return RecordFields.Packed(bytes);
    }

    private string? Decode(ReadOnlySpan<byte> record, int known, int names, out RmpRecord one, out int length)
    {
        Unsafe.SkipInit(out one);
        length = 0;
        RecordFields fields = new(record);
        int head = fields.Byte();
        int more = (head & More) != 0 ? fields.Byte() : 0;
        ulong time = fields.Number();
        ulong frame = fields.Number();
        ulong pages = (head & ManyPages) != 0 ? fields.Number() : 1;
        RmpTraceEventKind kind = (RmpTraceEventKind)(head & KindMask);
        one.Processor = RmpTraceEvent.NoProcessor;
        one.Code = RmpTraceEvent.HasResult(kind) ? 0 : RmpTraceEvent.NoCode;
        one.Name = RmpRecord.NoName;
        one.Size = default;
        ulong offset = 0;
        ulong skipped = 0;
        string? wrong = null;
        if (more != 0) wrong = TakeMore(ref fields, more, names, ref one, out offset, out skipped);
        one.Operand = default;
        ulong gpaFrame = _gpaFrame;
        if (HasOperand(kind))
        {
            if ((more & IsRaw) != 0) one.Operand = new RmpUpdateOperand(fields.Quadword(), fields.Quadword());
            else wrong ??= TakeOperand(ref fields, ref gpaFrame, out one.Operand);
        }

        if (fields.At > known || fields.IsTooLong) return Cut;
        frame = unchecked(_frame + Unfolded(frame));
        if (wrong is not null) return wrong;
        if (frame >= FrameLimit || offset > OffsetMask) return "an address that does not lie below 2^52";
        if (pages - 1 >= RmpTraceEvent.MostPages) return "a number of pages that is not 1 to 2^18";
        if (frame + pages > FrameLimit && pages != 1) return "pages that reach beyond 2^52";
        if (kind > RmpTraceEventKind.Mark) return "an event that is not known";
        length = fields.At;
        _time = unchecked(_time + Unfolded(time));
        _frame = frame;
        _gpaFrame = gpaFrame;
        _line += 1 + (long)skipped;
        one.Kind = kind;
        one.Nanoseconds = _time;
        one.Page = PhysicalAddress.Create((frame << PageShift) | offset);
        one.Pages = (int)pages;
        one.IsNew = (head & New) != 0;
        one.IsWrite = (head & Write) != 0;
        one.IsInjected = (more & Injected) != 0;
        one.Line = _line;
        return null;
    }

    /// <summary>Whether records of a kind have an operand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HasOperand(RmpTraceEventKind kind) => (KindsWithOperand >> (int)kind & 1) != 0;

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

    // The fields that few records have.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string? TakeMore(
        scoped ref RecordFields fields, int more, int names, scoped ref RmpRecord one, out ulong offset, out ulong skipped)
    {
        ulong processor = (more & HasProcessor) != 0 ? fields.Number() : 0;
        ulong code = (more & HasCode) != 0 ? fields.Number() : 0;
        ulong name = (more & HasName) != 0 ? fields.Number() : 0;
        int leaf = (more & HasLeaf) != 0 ? fields.Byte() : 0;
        offset = (more & HasOffset) != 0 ? fields.Number() : 0;
        skipped = (more & SkipsLines) != 0 ? fields.Number() : 0;
        if (processor > MostProcessor) return "a processor above 2^20";
        if (code > int.MaxValue) return "a result that is no number of 31 bits";
        if (leaf > (int)PageSize.Size1G) return "a leaf that is none of 4K, 2M and 1G";
        if ((more & HasName) != 0 && name >= (ulong)names) return "a name that is not defined";
        if (skipped > int.MaxValue) return "a number of lines that is no number of 31 bits";
        if ((more & HasProcessor) != 0) one.Processor = (int)processor;
        if ((more & HasCode) != 0) one.Code = (int)code - 1;
        if ((more & HasName) != 0) one.Name = (int)name;
        one.Size = (PageSize)leaf;
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static string? TakeOperand(scoped ref RecordFields fields, scoped ref ulong gpaFrame, out RmpUpdateOperand operand)
    {
        operand = default;
        int bits = fields.Byte();
        ulong asid = fields.Number();
        gpaFrame = unchecked(gpaFrame + Unfolded(fields.Number()));
        if (bits > OperandBits) return "an operand with bits that mean nothing";
        if (asid > uint.MaxValue) return "an ASID of more than 32 bits";
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
