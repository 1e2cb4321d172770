using System;

namespace FastRmp.Images;

/// <summary>What a line of a trace says; the name points into the line.</summary>
internal ref struct PageLine
{
    /// <summary>No processor: the line names its task itself.</summary>
    internal const int NoProcessor = -1;

    /// <summary>Set by the reader: pages of lists are only to be counted, because the trace has the release that every page has.</summary>
    internal bool PassesLists;

    /// <summary>Which event it is, an index of <see cref="PageEventNames"/>.</summary>
    internal int Name;

    internal PageEventKind Kind;

    /// <summary>The first page; <see cref="ulong.MaxValue"/> for an allocation that failed.</summary>
    internal ulong Frame;

    internal int Order;
    internal bool IsMovable;
    internal ulong Lost;

    /// <summary>The task's name; empty if the line has none.</summary>
    internal ReadOnlySpan<byte> Task;

    /// <summary>Whether the line has a place for the task's name: a name may be empty.</summary>
    internal bool HasTask;

    /// <summary>The processor of a line of the function_graph tracer that names no task: the last task switch on it gives the
    /// task.</summary>
    internal int Processor;
}
