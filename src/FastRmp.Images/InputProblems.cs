using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>The problems met while an input was read: the first ten, and how many there were.</summary>
/// <remarks>An input with a million broken lines costs no more memory than one with ten. Not for concurrent use while the input is still
/// read.</remarks>
public sealed class InputProblems
{
    /// <summary>How many problems are kept.</summary>
    public const int Capacity = 10;

    private readonly List<InputProblem> _first = [];

    internal InputProblems()
    {
    }

    /// <summary>How many problems there were, kept or not.</summary>
    public long Count { get; private set; }

    /// <summary>Whether there was one.</summary>
    public bool Any => Count != 0;

    /// <summary>The first problems, at most <see cref="Capacity"/>, in the order in which they were met.</summary>
    public ReadOnlySpan<InputProblem> First => CollectionsMarshal.AsSpan(_first);

    /// <summary>Whether the next problem would be kept: ask before an expensive message is put together.</summary>
    internal bool HasRoom => _first.Count < Capacity;

    internal void Add(InputProblem problem)
    {
        Count++;
        if (HasRoom) _first.Add(problem);
    }

    internal void AddLine(string file, long line, string reason)
    {
        Count++;
        if (HasRoom) _first.Add(InputProblem.AtLine(file, line, reason));
    }
}
