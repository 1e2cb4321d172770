using System;
using System.Buffers.Binary;
using System.Text;

namespace FastRmp.Images;

/// <summary>One line of an RMP trace: <c>[TIME] [cpuN] VERB FIELDS [-&gt; RESULT]</c>. No allocation for an event.</summary>
/// <remarks>Keys that are not known are passed over, so that later versions may add some.</remarks>
internal static class RmpTraceLineParser
{
    private const int OperandBytes = 16;

    private static ReadOnlySpan<byte> Arrow => "->"u8;

    /// <summary>Whether a line is the first of an RMP trace: its heading, or one of its events.</summary>
    internal static bool IsFirst(ReadOnlySpan<byte> line)
    {
        if (line is [(byte)'#', ..]) return line[1..].TrimStart((byte)' ').StartsWith("fastrmp rmp trace"u8);
        RmpTraceTokens tokens = new(line);
        if (!TryVerb(ref tokens, out _, out _, out ReadOnlySpan<byte> verb)) return false;
        RmpTraceEventKind kind = Kind(verb);
        bool isInstruction = RmpTraceEvent.HasResult(kind) && line.IndexOf(Arrow) > 0;
        return isInstruction || (kind != RmpTraceEventKind.Other && line.IndexOf("spa="u8) > 0);
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="result">The event.</param>
    /// <param name="verb">Of lines about the machine the verb, and what follows it is in <paramref name="rest"/>; of events what
    /// <see cref="RmpTraceEvent.Command"/> is.</param>
    /// <param name="rest">What follows the verb.</param>
    internal static RmpTraceLineStatus Parse(
        ReadOnlySpan<byte> line, out RmpTraceEvent result, out ReadOnlySpan<byte> verb, out ReadOnlySpan<byte> rest)
    {
        result = default;
        verb = default;
        rest = line.Trim(" \t"u8);
        if (rest.IsEmpty || rest[0] == '#') return RmpTraceLineStatus.Nothing;
        int arrow = rest.IndexOf(Arrow);
        ReadOnlySpan<byte> answer = arrow < 0 ? default : rest[(arrow + Arrow.Length)..];
        RmpTraceTokens tokens = new(arrow < 0 ? rest : rest[..arrow]);
        if (!TryVerb(ref tokens, out ulong time, out int processor, out verb)) return RmpTraceLineStatus.NoVerb;
        rest = tokens.Rest.Trim(" \t"u8);
        if (IsMachine(verb)) return RmpTraceLineStatus.Machine;
        RmpTraceEventKind kind = Kind(verb);
        bool hasName = kind is RmpTraceEventKind.Firmware or RmpTraceEventKind.Mark;
        if (hasName && !tokens.TryTake(out verb) && kind == RmpTraceEventKind.Mark) return RmpTraceLineStatus.NoName;
        if (!hasName && kind != RmpTraceEventKind.Other) verb = default;
        Fields fields = new() { HasFirmwareForm = kind == RmpTraceEventKind.Firmware };
        RmpTraceLineStatus status = fields.Read(ref tokens, kind);
        if (status != RmpTraceLineStatus.Event) return status;
        if (kind == RmpTraceEventKind.Write) verb = Class(rest);
        int code = Code(answer, out bool isInjected);
        status = fields.Missing(kind, hasAnswer: !answer.Trim((byte)' ').IsEmpty);
        if (status != RmpTraceLineStatus.Event) return status;
        result = new RmpTraceEvent
        {
            Kind = kind,
            Nanoseconds = time,
            Processor = processor,
            Page = fields.Page,
            Size = kind is RmpTraceEventKind.Split or RmpTraceEventKind.Join ? fields.Size : default,
            Operand = HasOperand(kind) ? fields.Operand : default,
            Pages = fields.Pages,
            IsNew = fields.IsNew,
            IsWrite = fields.IsWrite,
            Code = code,
            IsInjected = isInjected,
        };
        return status;
    }

    internal static bool IsMachine(ReadOnlySpan<byte> verb) =>
        RmpTraceTokens.Is(verb, "ram"u8) || RmpTraceTokens.Is(verb, "processor"u8) || RmpTraceTokens.Is(verb, "mapped"u8);

    private static RmpTraceEventKind Kind(ReadOnlySpan<byte> verb)
    {
        if (RmpTraceTokens.Is(verb, "rmpupdate"u8)) return RmpTraceEventKind.RmpUpdate;
        if (RmpTraceTokens.Is(verb, "psmash"u8)) return RmpTraceEventKind.PSmash;
        if (RmpTraceTokens.Is(verb, "firmware"u8) || RmpTraceTokens.Is(verb, "fw"u8)) return RmpTraceEventKind.Firmware;
        if (RmpTraceTokens.Is(verb, "fault"u8)) return RmpTraceEventKind.Fault;
        if (RmpTraceTokens.Is(verb, "split"u8)) return RmpTraceEventKind.Split;
        if (RmpTraceTokens.Is(verb, "join"u8)) return RmpTraceEventKind.Join;
        if (RmpTraceTokens.Is(verb, "write"u8)) return RmpTraceEventKind.Write;
        if (RmpTraceTokens.Is(verb, "convert"u8)) return RmpTraceEventKind.Convert;
        if (RmpTraceTokens.Is(verb, "unsmash"u8)) return RmpTraceEventKind.Unsmash;
        if (RmpTraceTokens.Is(verb, "pvalidate"u8)) return RmpTraceEventKind.PValidate;
        if (RmpTraceTokens.Is(verb, "dma"u8)) return RmpTraceEventKind.Dma;
        if (RmpTraceTokens.Is(verb, "guest"u8)) return RmpTraceEventKind.Guest;
        if (RmpTraceTokens.Is(verb, "mark"u8)) return RmpTraceEventKind.Mark;
        return RmpTraceTokens.Is(verb, "read"u8) ? RmpTraceEventKind.Read : RmpTraceEventKind.Other;
    }

    // The last one, as of any key.
    private static ReadOnlySpan<byte> Class(ReadOnlySpan<byte> fields)
    {
        ReadOnlySpan<byte> found = default;
        RmpTraceTokens tokens = new(fields);
        while (tokens.TryTake(out ReadOnlySpan<byte> token))
        {
            ReadOnlySpan<byte> key = "class="u8;
            if (token.Length > key.Length && RmpTraceTokens.Is(token[..key.Length], key)) found = token[key.Length..];
        }

        return found;
    }

    private static bool HasOperand(RmpTraceEventKind kind) => kind is RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PValidate
        or RmpTraceEventKind.Guest or RmpTraceEventKind.Convert;

    private static bool HasPages(RmpTraceEventKind kind) => kind is RmpTraceEventKind.Write or RmpTraceEventKind.Read
        or RmpTraceEventKind.Dma or RmpTraceEventKind.Guest or RmpTraceEventKind.Convert;

    private static bool HasNew(RmpTraceEventKind kind) =>
        kind is RmpTraceEventKind.Write or RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.Convert;

    private static bool TryVerb(scoped ref RmpTraceTokens tokens, out ulong time, out int processor, out ReadOnlySpan<byte> verb)
    {
        time = 0;
        processor = RmpTraceEvent.NoProcessor;
        if (!tokens.TryTake(out verb)) return false;
        if (RmpTraceTokens.TryTime(verb, out time) && !tokens.TryTake(out verb)) return false;
        if (RmpTraceTokens.TryProcessor(verb, out processor) && !tokens.TryTake(out verb)) return false;
        return verb[0] is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'A' and <= (byte)'Z');
    }

    private static int Code(ReadOnlySpan<byte> answer, out bool isInjected)
    {
        isInjected = answer.IndexOf("(injected)"u8) >= 0;
        RmpTraceTokens tokens = new(answer);
        if (!tokens.TryTake(out ReadOnlySpan<byte> first)) return RmpTraceEvent.NoCode;
        if (RmpTraceTokens.Is(first, "ok"u8)) return 0;
        return RmpTraceTokens.TryDecimal(first, int.MaxValue, out ulong code) ? (int)code : RmpTraceEvent.NoCode;
    }

    /// <summary>The fields of one line.</summary>
    private struct Fields()
    {
        private bool _hasPage;
        private bool _hasOperand;
        private ulong _gpa;
        private ulong _asid;
        private bool _isAssigned;
        private bool _isImmutable;
        private PageSize _size;
        private RmpUpdateOperand _raw;
        private bool _hasRaw;
        private bool _hasSide;

        internal bool HasFirmwareForm { get; init; }

        internal PhysicalAddress Page { get; private set; }

        internal readonly PageSize Size => _size;

        internal int Pages { get; private set; } = 1;

        internal bool IsNew { get; private set; }

        internal bool IsWrite { get; private set; }

        internal readonly RmpUpdateOperand Operand => _hasRaw ? _raw
            : new RmpUpdateOperand { Gpa = _gpa, Assigned = _isAssigned, PageSize = _size, Immutable = _isImmutable, Asid = (uint)_asid };

        internal RmpTraceLineStatus Read(scoped ref RmpTraceTokens tokens, RmpTraceEventKind kind)
        {
            if (kind is RmpTraceEventKind.Other or RmpTraceEventKind.Mark) return RmpTraceLineStatus.Event;
            if (kind is RmpTraceEventKind.Split or RmpTraceEventKind.Join) _size = PageSize.Size2M;
            while (tokens.TryTake(out ReadOnlySpan<byte> token))
            {
                RmpTraceLineStatus status = Take(token, ref tokens, kind);
                if (status != RmpTraceLineStatus.Event) return status;
            }

            return RmpTraceLineStatus.Event;
        }

        internal readonly RmpTraceLineStatus Missing(RmpTraceEventKind kind, bool hasAnswer)
        {
            if (kind is RmpTraceEventKind.Other or RmpTraceEventKind.Firmware or RmpTraceEventKind.Mark) return RmpTraceLineStatus.Event;
            if (!_hasPage) return RmpTraceLineStatus.NoPage;
            if (RmpTraceEvent.HasResult(kind) && !hasAnswer) return RmpTraceLineStatus.NoResult;
            if (kind == RmpTraceEventKind.RmpUpdate && !_hasOperand) return RmpTraceLineStatus.NoOperand;
            if (kind == RmpTraceEventKind.Convert && !_hasSide) return RmpTraceLineStatus.NoSide;
            if (Page.Value + ((ulong)Pages * PageSize.Size4K.Bytes()) > PhysicalAddress.ValidMask + 1) return RmpTraceLineStatus.BadPages;
            bool isLarge = kind is RmpTraceEventKind.Split or RmpTraceEventKind.Join;
            bool isSize = isLarge ? _size != PageSize.Size4K : _size != PageSize.Size1G;
            return isSize ? RmpTraceLineStatus.Event : RmpTraceLineStatus.BadSize;
        }

        // A key, or by its form an address or a size: the older language has both without a key.
        private RmpTraceLineStatus Take(ReadOnlySpan<byte> token, scoped ref RmpTraceTokens tokens, RmpTraceEventKind kind)
        {
            if (RmpTraceTokens.TrySize(token, out PageSize size))
            {
                _size = size;
                return RmpTraceLineStatus.Event;
            }

            if (token.IndexOf((byte)'=') < 0 && RmpTraceTokens.TryHexadecimal(token, out ulong bare))
            {
                if (_hasPage) return HasFirmwareForm ? RmpTraceLineStatus.Event : RmpTraceLineStatus.BadAddress;
                return TakePage(bare);
            }

            ReadOnlySpan<byte> key = token;
            bool isKnown = IsKey(token);
            if (!isKnown && token.IndexOf((byte)'=') < 0) return RmpTraceLineStatus.Event; // a word of a later version
            ReadOnlySpan<byte> value = tokens.ValueOf(ref key);
            if (RmpTraceTokens.Is(key, "spa"u8) || RmpTraceTokens.Is(key, "page"u8))
            {
                return RmpTraceTokens.TryHexadecimal(value, out ulong page) ? TakePage(page) : RmpTraceLineStatus.BadAddress;
            }

            if (RmpTraceTokens.Is(key, "size"u8))
            {
                return RmpTraceTokens.TrySize(value, out _size) ? RmpTraceLineStatus.Event : RmpTraceLineStatus.BadSize;
            }

            RmpTraceLineStatus status = HasOperand(kind) ? TakeOperand(key, value, kind) : RmpTraceLineStatus.Event;
            return status == RmpTraceLineStatus.Event ? TakeFurther(key, value, kind) : status;
        }

        private RmpTraceLineStatus TakeFurther(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, RmpTraceEventKind kind)
        {
            if (RmpTraceTokens.Is(key, "pages"u8))
            {
                ulong most = HasPages(kind) ? RmpTraceEvent.MostPages : 1UL;
                if (!RmpTraceTokens.TryDecimal(value, most, out ulong pages) || pages == 0) return RmpTraceLineStatus.BadPages;
                Pages = (int)pages;
                return RmpTraceLineStatus.Event;
            }

            if (RmpTraceTokens.Is(key, "to"u8) && kind == RmpTraceEventKind.Convert)
            {
                _isAssigned = RmpTraceTokens.Is(value, "private"u8);
                _hasSide = _isAssigned || RmpTraceTokens.Is(value, "shared"u8);
                return _hasSide ? RmpTraceLineStatus.Event : RmpTraceLineStatus.NoSide;
            }

            bool isNew = HasNew(kind) && RmpTraceTokens.Is(key, "new"u8);
            bool isWrite = kind is RmpTraceEventKind.Dma or RmpTraceEventKind.Guest && RmpTraceTokens.Is(key, "write"u8);
            bool isGuest = kind == RmpTraceEventKind.Guest && RmpTraceTokens.Is(key, "private"u8);
            bool isValid = kind == RmpTraceEventKind.PValidate && RmpTraceTokens.Is(key, "valid"u8);
            if (!isNew && !isWrite && !isGuest && !isValid) return RmpTraceLineStatus.Event;
            if (!RmpTraceTokens.TryDecimal(value, 1, out ulong bit)) return RmpTraceLineStatus.BadNumber;
            if (isNew) IsNew = bit != 0;
            else if (isWrite) IsWrite = bit != 0;
            else _isAssigned = bit != 0;
            return RmpTraceLineStatus.Event;
        }

        private RmpTraceLineStatus TakePage(ulong value)
        {
            if (!PhysicalAddress.TryCreate(value, out PhysicalAddress page)) return RmpTraceLineStatus.BadAddress;
            Page = page;
            _hasPage = true;
            return RmpTraceLineStatus.Event;
        }

        private RmpTraceLineStatus TakeOperand(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, RmpTraceEventKind kind)
        {
            if (kind == RmpTraceEventKind.RmpUpdate && RmpTraceTokens.Is(key, "raw"u8)) return TakeRaw(value);
            if (RmpTraceTokens.Is(key, "gpa"u8))
            {
                return RmpTraceTokens.TryHexadecimal(value, out _gpa) ? RmpTraceLineStatus.Event : RmpTraceLineStatus.BadAddress;
            }

            if (RmpTraceTokens.Is(key, "asid"u8))
            {
                return RmpTraceTokens.TryDecimal(value, uint.MaxValue, out _asid) ? RmpTraceLineStatus.Event : RmpTraceLineStatus.BadNumber;
            }

            if (kind != RmpTraceEventKind.RmpUpdate) return RmpTraceLineStatus.Event;
            bool isAssigned = RmpTraceTokens.Is(key, "assigned"u8);
            if (!isAssigned && !RmpTraceTokens.Is(key, "immutable"u8)) return RmpTraceLineStatus.Event;
            if (!RmpTraceTokens.TryDecimal(value, 1, out ulong bit)) return RmpTraceLineStatus.BadNumber;
            _hasOperand |= isAssigned;
            if (isAssigned) _isAssigned = bit != 0;
            else _isImmutable = bit != 0;
            return RmpTraceLineStatus.Event;
        }

        // In the order of memory: gpa (8), assigned, page size, immutable, reserved, asid (4).
        private RmpTraceLineStatus TakeRaw(ReadOnlySpan<byte> value)
        {
            Span<byte> bytes = stackalloc byte[OperandBytes];
            bool isRead = value.Length == 2 * OperandBytes
                && Convert.FromHexString(Encoding.ASCII.GetString(value), bytes, out _, out int written)
                    == System.Buffers.OperationStatus.Done && written == OperandBytes;
            if (!isRead) return RmpTraceLineStatus.BadOperand;
            _raw = new RmpUpdateOperand(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            _hasRaw = true;
            _hasOperand = true;
            _size = _raw.PageSize;
            return RmpTraceLineStatus.Event;
        }

        private static bool IsKey(ReadOnlySpan<byte> token) =>
            RmpTraceTokens.Is(token, "spa"u8) || RmpTraceTokens.Is(token, "page"u8) || RmpTraceTokens.Is(token, "size"u8)
            || RmpTraceTokens.Is(token, "assigned"u8) || RmpTraceTokens.Is(token, "immutable"u8) || RmpTraceTokens.Is(token, "asid"u8)
            || RmpTraceTokens.Is(token, "gpa"u8) || RmpTraceTokens.Is(token, "raw"u8);
    }
}
