using System;
using System.Buffers.Binary;
using System.Globalization;
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

    /// <summary>Of <see cref="RmpTraceEventKind.RmpUpdate"/>: the state asked for.</summary>
    public RmpUpdateOperand Operand { get; init; }

    /// <summary>The result: EAX of an instruction, the status of a firmware command, 0 for success; <see cref="NoCode"/> if it is not
    /// known, as after an exception.</summary>
    public int Code { get; init; }

    /// <summary>Of <see cref="RmpTraceEventKind.Firmware"/>: the command, and of <see cref="RmpTraceEventKind.Other"/>: the verb; else
    /// null.</summary>
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
        if (Nanoseconds != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Nanoseconds / 1_000_000_000}.{Nanoseconds % 1_000_000_000:D9} ");
        }

        if (Processor != NoProcessor) text.Append(CultureInfo.InvariantCulture, $"cpu{Processor} ");
        AppendVerb(text);
        if (Kind is RmpTraceEventKind.Other) return text.ToString();
        if (Kind != RmpTraceEventKind.Firmware || Page != default) text.Append(CultureInfo.InvariantCulture, $" spa={Page.Value:x}");
        if (Kind is RmpTraceEventKind.Split or RmpTraceEventKind.Join) text.Append(' ').Append("size=").Append(Name(Size));
        if (Kind == RmpTraceEventKind.RmpUpdate) AppendOperand(text);
        bool hasResult = Kind is RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.PSmash or RmpTraceEventKind.Firmware;
        if (hasResult) AppendResult(text);
        return text.ToString();
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
        _ => text.Append(Command ?? "other"),
    };

    private void AppendOperand(StringBuilder text)
    {
        if (Operand.HasReservedBits)
        {
            Span<byte> raw = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(raw, Operand.Low);
            BinaryPrimitives.WriteUInt64LittleEndian(raw[8..], Operand.High);
            text.Append(" raw=").Append(Convert.ToHexStringLower(raw));
            return;
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $" size={Name(Operand.PageSize)} assigned={(Operand.Assigned ? 1 : 0)} asid={Operand.Asid} gpa={Operand.Gpa:x} immutable={(Operand.Immutable ? 1 : 0)}");
    }

    private void AppendResult(StringBuilder text)
    {
        if (Code == NoCode)
        {
            text.Append(" -> ?");
        }
        else
        {
            bool isNamed = Kind != RmpTraceEventKind.Firmware && Code <= byte.MaxValue && Enum.IsDefined((RmpStatus)Code);
            text.Append(" -> ");
            if (isNamed) text.Append(RmpResult.Fail((RmpStatus)Code));
            else text.Append(Code);
        }

        if (IsInjected) text.Append(" (injected)");
    }

    private static string Name(PageSize size) => size switch { PageSize.Size2M => "2m", PageSize.Size1G => "1g", _ => "4k" };
}
