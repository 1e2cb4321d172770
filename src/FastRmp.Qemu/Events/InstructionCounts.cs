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
    private ulong? _contended;
    private long _retries;

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

    /// <summary>Counts one. It is a retry if the one before it was of the same page and ended by contention.</summary>
    /// <param name="result">What it ended with.</param>
    /// <param name="page">RAX before it.</param>
    internal void Add(in InstructionResult result, ulong page)
    {
        _counts[result.Status switch
        {
            InstructionStatus.Completed => (int)result.Code & (Codes - 1),
            InstructionStatus.InvalidOpcode => Codes,
            InstructionStatus.GeneralProtection => Codes + 1,
            InstructionStatus.PageFault => Codes + 2,
            InstructionStatus.OutsideMemory => Codes + 3,
            _ => Codes + 4,
        }]++;
        if (_contended == page) _retries++;
        bool isContended = result is { Status: InstructionStatus.Completed, Code: RmpStatus.FailOverlap or RmpStatus.FailInUse };
        _contended = isContended ? page : null;
    }

    /// <summary>Adds another processor's.</summary>
    internal void Add(InstructionCounts other)
    {
        for (int i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        _retries += other._retries;
    }

    /// <summary>Text such as <c>120: 118 SUCCESS, 2 FAIL_OVERLAP; 2 retries</c>.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i] == 0) continue;
            string code = i < Codes ? ((RmpStatus)i).Name() : FaultNames[i - Codes];
            int space = i < Codes ? code.IndexOf(' ', StringComparison.Ordinal) + 1 : 0;
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{_counts[i]} {code[space..]}"));
        }

        string name = _retries == 1 ? "retry" : "retries";
        string retries = _retries == 0 ? "" : FormattableString.Invariant($"; {_retries} {name}");
        return string.Create(CultureInfo.InvariantCulture, $"{Total}: {string.Join(", ", parts)}{retries}");
    }
}
