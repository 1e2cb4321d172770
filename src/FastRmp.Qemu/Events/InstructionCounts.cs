using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Qemu;

/// <summary>How often a processor executed an instruction, by what it ended with. Written by one thread.</summary>
internal sealed class InstructionCounts
{
    private const int Codes = 8;
    private const int Faults = 5;
    private static readonly string[] FaultNames = ["#UD", "#GP(0)", "#PF", "operand outside RAM", "other"];
    private readonly long[] _counts = new long[Codes + Faults];

    /// <summary>How often in all.</summary>
    internal long Total
    {
        get
        {
            long total = 0;
            foreach (long count in _counts) total += count;
            return total;
        }
    }

    /// <summary>Counts one.</summary>
    internal void Add(in InstructionResult result) => _counts[result.Status switch
    {
        InstructionStatus.Completed => (int)result.Code & (Codes - 1),
        InstructionStatus.InvalidOpcode => Codes,
        InstructionStatus.GeneralProtection => Codes + 1,
        InstructionStatus.PageFault => Codes + 2,
        InstructionStatus.OutsideMemory => Codes + 3,
        _ => Codes + 4,
    }]++;

    /// <summary>Adds another processor's.</summary>
    internal void Add(InstructionCounts other)
    {
        for (int i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
    }

    /// <summary>Text such as <c>120: 118 SUCCESS, 2 FAIL_OVERLAP</c>.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] == 0) continue;
            string name = i < Codes ? ((RmpStatus)i).Name() : FaultNames[i - Codes];
            int space = i < Codes ? name.IndexOf(' ', StringComparison.Ordinal) + 1 : 0;
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{_counts[i]} {name[space..]}"));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Total}: {string.Join(", ", parts)}");
    }
}
