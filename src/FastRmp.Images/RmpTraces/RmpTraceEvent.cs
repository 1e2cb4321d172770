using System;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace FastRmp.Images;

/// <summary>One event of an RMP trace. Immutable.</summary>
/// <remarks>The language is in docs/rmp-trace.md.</remarks>
public readonly record struct RmpTraceEvent
{
    /// <summary>What <see cref="Code"/> is where the line states no result, or one that is no number.</summary>
    public const int NoCode = -1;

    /// <summary>What <see cref="Processor"/> is where the line names none.</summary>
    public const int NoProcessor = -1;

    /// <summary>The most <see cref="Pages"/> of one event: those of 1 GiB.</summary>
    public const int MostPages = 1 << 18;

    private const uint KindsWithResult = (1u << (int)RmpTraceEventKind.RmpUpdate) | (1u << (int)RmpTraceEventKind.PSmash)
        | (1u << (int)RmpTraceEventKind.Firmware) | (1u << (int)RmpTraceEventKind.Unsmash) | (1u << (int)RmpTraceEventKind.PValidate);

    private static readonly string?[] ResultNames = new string?[byte.MaxValue + 1]; // made when first needed

    private readonly int _furtherPages;

    /// <summary>What happened.</summary>
    public RmpTraceEventKind Kind { get; init; }

    /// <summary>Time in nanoseconds from the start of the trace, or of the machine; 0 if the line has none.</summary>
    public ulong Nanoseconds { get; init; }

    /// <summary>The processor; <see cref="NoProcessor"/> if the line names none.</summary>
    public int Processor { get; init; }

    /// <summary>The page that the event is about; its address may be of any byte of it. Zero for a firmware command that names
    /// none.</summary>
    public PhysicalAddress Page { get; init; }

    /// <summary>Of <see cref="RmpTraceEventKind.Split"/> and <see cref="RmpTraceEventKind.Join"/>: the size of the large leaf.</summary>
    public PageSize Size { get; init; }

    /// <summary>Of <see cref="RmpTraceEventKind.RmpUpdate"/>: the state asked for. Of <see cref="RmpTraceEventKind.PValidate"/>,
    /// <see cref="RmpTraceEventKind.Guest"/> and <see cref="RmpTraceEventKind.Convert"/>: ASID, guest's address and size of the page, and
    /// in <see cref="RmpUpdateOperand.Assigned"/> whether it is to be validated, is accessed as private, becomes private; a size of 2 MiB
    /// of the last says that entries of 2 MiB may be made.</summary>
    public RmpUpdateOperand Operand { get; init; }

    /// <summary>How many 4 KiB pages from <see cref="Page"/> on: 1, or more of accesses and conversions; 1 to
    /// <see cref="MostPages"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of these.</exception>
    public int Pages
    {
        get => _furtherPages + 1;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MostPages);
            _furtherPages = value - 1;
        }
    }

    /// <summary>Of <see cref="RmpTraceEventKind.Write"/>, <see cref="RmpTraceEventKind.RmpUpdate"/> and
    /// <see cref="RmpTraceEventKind.Convert"/>: whether the page allocator gave the pages for this, in the same moment.</summary>
    public bool IsNew { get; init; }

    /// <summary>Of <see cref="RmpTraceEventKind.Dma"/> and <see cref="RmpTraceEventKind.Guest"/>: whether it is a write.</summary>
    public bool IsWrite { get; init; }

    /// <summary>The result: EAX of an instruction, the status of a firmware command, 0 for success; <see cref="NoCode"/> if it is not
    /// known, as after an exception.</summary>
    public int Code { get; init; }

    /// <summary>Of <see cref="RmpTraceEventKind.Firmware"/>: the command, of <see cref="RmpTraceEventKind.Other"/>: the verb, of
    /// <see cref="RmpTraceEventKind.Mark"/>: the name, of <see cref="RmpTraceEventKind.Write"/>: the class of writes, if the line has one;
    /// else null.</summary>
    public string? Command { get; init; }

    /// <summary>Whether the machine gave this answer on purpose, without executing the instruction.</summary>
    public bool IsInjected { get; init; }

    /// <summary>The number of the line, from 1.</summary>
    public long Line { get; init; }

    /// <summary>Whether it took effect.</summary>
    public bool IsSuccess => Code == 0;

    /// <summary>The line of the trace that says this.</summary>
    /// <returns>Text such as <c>0.104233 cpu0 rmpupdate spa=5605000 size=4k assigned=1 asid=5 gpa=12345000 immutable=0 -&gt; 0
    /// SUCCESS</c>.</returns>
    public override string ToString()
    {
        StringBuilder text = new();
        AppendTo(text);
        return text.ToString();
    }

    /// <summary>Appends what <see cref="ToString"/> returns; allocates nothing once the builder has room for a line.</summary>
    internal void AppendTo(StringBuilder text)
    {
        if (Nanoseconds != 0)
        {
            Append(text, string.Empty, Nanoseconds / 1_000_000_000, default);
            Append(text, ".", Nanoseconds % 1_000_000_000, "D9");
            text.Append(' ');
        }

        if (Processor != NoProcessor)
        {
            Append(text, "cpu", (ulong)Processor, default);
            text.Append(' ');
        }

        AppendVerb(text);
        if (Kind is RmpTraceEventKind.Other or RmpTraceEventKind.Mark) return;
        if (Kind != RmpTraceEventKind.Firmware || Page != default) Append(text, " spa=", Page.Value, "x");
        if (Pages != 1) Append(text, " pages=", (ulong)Pages, default);
        AppendFields(text);
        if (HasResult(Kind)) AppendResult(text);
    }

    /// <summary>Whether a line of that kind ends with a result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool HasResult(RmpTraceEventKind kind) => (KindsWithResult >> (int)kind & 1) != 0;

    private void AppendFields(StringBuilder text)
    {
        switch (Kind)
        {
            case RmpTraceEventKind.Split or RmpTraceEventKind.Join:
                text.Append(" size=").Append(Name(Size));
                break;
            case RmpTraceEventKind.RmpUpdate:
                AppendOperand(text);
                break;
            case RmpTraceEventKind.PValidate:
                AppendGuest(text);
                text.Append(" valid=").Append(Operand.Assigned ? '1' : '0');
                break;
            case RmpTraceEventKind.Guest:
                AppendGuest(text);
                text.Append(" private=").Append(Operand.Assigned ? '1' : '0').Append(" write=").Append(IsWrite ? '1' : '0');
                break;
            case RmpTraceEventKind.Convert:
                AppendGuest(text);
                text.Append(" to=").Append(Operand.Assigned ? "private" : "shared");
                break;
            case RmpTraceEventKind.Dma:
                text.Append(" write=").Append(IsWrite ? '1' : '0');
                break;
            case RmpTraceEventKind.Write when Command is not null:
                text.Append(" class=").Append(Command);
                break;
        }

        if (IsNew) text.Append(" new=1");
    }

    private void AppendGuest(StringBuilder text)
    {
        text.Append(" size=").Append(Name(Operand.PageSize));
        Append(text, " asid=", Operand.Asid, default);
        Append(text, " gpa=", Operand.Gpa, "x");
    }

    private void AppendVerb(StringBuilder text) => _ = Kind switch
    {
        RmpTraceEventKind.RmpUpdate => text.Append("rmpupdate"),
        RmpTraceEventKind.PSmash => text.Append("psmash"),
        RmpTraceEventKind.Firmware => text.Append("firmware ").Append(Command ?? "?"),
        RmpTraceEventKind.Fault => text.Append("fault"),
        RmpTraceEventKind.Split => text.Append("split"),
        RmpTraceEventKind.Join => text.Append("join"),
        RmpTraceEventKind.Write => text.Append("write"),
        RmpTraceEventKind.Read => text.Append("read"),
        RmpTraceEventKind.Unsmash => text.Append("unsmash"),
        RmpTraceEventKind.PValidate => text.Append("pvalidate"),
        RmpTraceEventKind.Dma => text.Append("dma"),
        RmpTraceEventKind.Guest => text.Append("guest"),
        RmpTraceEventKind.Convert => text.Append("convert"),
        RmpTraceEventKind.Mark => text.Append("mark ").Append(Command ?? "?"),
        _ => text.Append(Command ?? "other"),
    };

    private void AppendOperand(StringBuilder text)
    {
        if (Operand.HasReservedBits)
        {
            Span<byte> raw = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(raw, Operand.Low);
            BinaryPrimitives.WriteUInt64LittleEndian(raw[8..], Operand.High);
            Span<char> digits = stackalloc char[2 * 16];
            _ = Convert.TryToHexStringLower(raw, digits, out _);
            text.Append(" raw=").Append(digits);
            return;
        }

        text.Append(" size=").Append(Name(Operand.PageSize)).Append(" assigned=").Append(Operand.Assigned ? '1' : '0');
        Append(text, " asid=", Operand.Asid, default);
        Append(text, " gpa=", Operand.Gpa, "x");
        text.Append(" immutable=").Append(Operand.Immutable ? '1' : '0');
    }

    private void AppendResult(StringBuilder text)
    {
        if (Code == NoCode)
        {
            text.Append(" -> ?");
        }
        else
        {
            bool isHost = Kind is RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PSmash;
            bool isNamed = isHost && Code <= byte.MaxValue && Enum.IsDefined((RmpStatus)Code);
            text.Append(" -> ");
            if (isNamed) text.Append(ResultNames[Code] ??= RmpResult.Fail((RmpStatus)Code).ToString());
            else text.Append(Code);
        }

        if (IsInjected) text.Append(" (injected)");
    }

    // An interpolated string boxes its numbers until it is compiled with optimizations.
    private static void Append(StringBuilder text, string name, ulong value, ReadOnlySpan<char> format)
    {
        const int Digits = 20;
        Span<char> digits = stackalloc char[Digits];
        _ = value.TryFormat(digits, out int length, format, CultureInfo.InvariantCulture);
        text.Append(name).Append(digits[..length]);
    }

    private static string Name(PageSize size) => size switch { PageSize.Size2M => "2m", PageSize.Size1G => "1g", _ => "4k" };
}
