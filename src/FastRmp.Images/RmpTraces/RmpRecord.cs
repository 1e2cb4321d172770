using System;

namespace FastRmp.Images;

/// <summary>An event as a replay reads it: <see cref="RmpTraceEvent"/> with the number of its name, so that no reference is written for
/// each of millions.</summary>
internal struct RmpRecord
{
    /// <summary>What <see cref="Name"/> is if it has none.</summary>
    internal const int NoName = -1;

    /// <inheritdoc cref="RmpTraceEvent.Nanoseconds"/>
    internal ulong Nanoseconds;

    /// <inheritdoc cref="RmpTraceEvent.Page"/>
    internal PhysicalAddress Page;

    /// <inheritdoc cref="RmpTraceEvent.Operand"/>
    internal RmpUpdateOperand Operand;

    /// <inheritdoc cref="RmpTraceEvent.Line"/>
    internal long Line;

    /// <inheritdoc cref="RmpTraceEvent.Pages"/>
    internal int Pages;

    /// <inheritdoc cref="RmpTraceEvent.Processor"/>
    internal int Processor;

    /// <inheritdoc cref="RmpTraceEvent.Code"/>
    internal int Code;

    /// <summary>Which name it has, from 0 in the order of the trace.</summary>
    internal int Name;

    /// <inheritdoc cref="RmpTraceEvent.Kind"/>
    internal RmpTraceEventKind Kind;

    /// <inheritdoc cref="RmpTraceEvent.Size"/>
    internal PageSize Size;

    /// <inheritdoc cref="RmpTraceEvent.IsNew"/>
    internal bool IsNew;

    /// <inheritdoc cref="RmpTraceEvent.IsWrite"/>
    internal bool IsWrite;

    /// <inheritdoc cref="RmpTraceEvent.IsInjected"/>
    internal bool IsInjected;

    /// <inheritdoc cref="RmpTraceEvent.IsSuccess"/>
    internal readonly bool IsSuccess => Code == 0;

    /// <summary>An event without its name.</summary>
    internal static RmpRecord Of(in RmpTraceEvent one) => new()
    {
        Kind = one.Kind,
        Nanoseconds = one.Nanoseconds,
        Processor = one.Processor,
        Page = one.Page,
        Size = one.Size,
        Operand = one.Operand,
        Pages = one.Pages,
        IsNew = one.IsNew,
        IsWrite = one.IsWrite,
        Code = one.Code,
        Name = NoName,
        IsInjected = one.IsInjected,
        Line = one.Line,
    };

    /// <summary>The event.</summary>
    /// <param name="names">The trace's names.</param>
    internal readonly RmpTraceEvent ToEvent(ReadOnlySpan<string> names) => new()
    {
        Kind = Kind,
        Nanoseconds = Nanoseconds,
        Processor = Processor,
        Page = Page,
        Size = Size,
        Operand = Operand,
        Pages = Pages,
        IsNew = IsNew,
        IsWrite = IsWrite,
        Code = Code,
        Command = Name == NoName ? null : names[Name],
        IsInjected = IsInjected,
        Line = Line,
    };
}
