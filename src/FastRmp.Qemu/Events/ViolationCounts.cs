using System.Collections.Generic;

namespace FastRmp.Qemu;

/// <summary>The stores of a processor that the RMP forbids, by the instruction. Written by one thread.</summary>
internal sealed class ViolationCounts
{
    private readonly Dictionary<ulong, Violation> _byInstruction = [];

    /// <summary>One for each instruction.</summary>
    internal IEnumerable<Violation> All => _byInstruction.Values;

    /// <summary>Counts one more of an instruction.</summary>
    /// <returns>Whether there was one before.</returns>
    internal bool TryRepeat(ulong rip)
    {
        if (!_byInstruction.TryGetValue(rip, out Violation first)) return false;
        _byInstruction[rip] = first with { Count = first.Count + 1 };
        return true;
    }

    /// <summary>Counts one.</summary>
    /// <param name="violation">The store.</param>
    internal void Add(in Violation violation)
    {
        bool isKnown = _byInstruction.TryGetValue(violation.Rip, out Violation first);
        _byInstruction[violation.Rip] = isKnown ? first with { Count = first.Count + violation.Count } : violation;
    }
}
