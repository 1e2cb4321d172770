using System;

namespace FastRmp.Images.Traces;

/// <summary>What a line of a trace says; the name points into the line.</summary>
internal ref struct PageLine
{
    internal PageEventKind Kind;
    internal ulong Frame;
    internal int Order;
    internal bool IsMovable;
    internal ulong Lost;
    internal ReadOnlySpan<byte> Task;
}
