using System;
using System.Collections.Generic;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>How often each kind of operation came to each outcome: a run in which something never happened tests nothing of it.</summary>
internal sealed class OutcomeCounts
{
    /// <summary>
    /// Columns of outcomes that are not a code of an instruction; codes have their own numbers, a firmware command its status.
    /// </summary>
    public const int CarryFlag = 0x40;
    public const int Fault = 0x50;
    private const int Columns = 0x60;

    private readonly long[] _counts = new long[Enum.GetValues<OperationKind>().Length * Columns];

    public long this[OperationKind kind, int outcome] => _counts[((int)kind * Columns) + outcome];

    /// <summary>Outcome of an instruction: a code, CF, or a fault.</summary>
    public static int Of(RmpFault fault, RmpStatus status, bool carry = false) =>
        fault != RmpFault.None ? Fault + (int)fault : carry ? CarryFlag : (int)status;

    public void Add(OperationKind kind, int outcome) => _counts[((int)kind * Columns) + outcome]++;

    public void Add(OutcomeCounts other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    /// <summary>What of a list never happened.</summary>
    /// <returns>The names, or nothing.</returns>
    public string Missing(IEnumerable<(OperationKind Kind, int[] Outcomes)> expected)
    {
        List<string> missing = [];
        foreach ((OperationKind kind, int[] outcomes) in expected)
        {
            foreach (int outcome in outcomes)
            {
                if (this[kind, outcome] == 0) missing.Add(FormattableString.Invariant($"{kind} 0x{outcome:x}"));
            }
        }

        return string.Join(", ", missing);
    }

    /// <summary>Every outcome with its number, for a message.</summary>
    public override string ToString()
    {
        List<string> lines = [];
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] != 0) lines.Add(FormattableString.Invariant($"{(OperationKind)(i / Columns)} 0x{i % Columns:x}: {_counts[i]}"));
        }

        return string.Join('\n', lines);
    }
}
