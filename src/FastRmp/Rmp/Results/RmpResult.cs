using System;
using System.Diagnostics.CodeAnalysis;

namespace FastRmp;

/// <summary>The outcome of an RMP instruction: a code in EAX, or a fault. Immutable; any threads may share it.</summary>
public readonly struct RmpResult : IEquatable<RmpResult>
{
    private const int FaultShift = 8;
    private const uint ContentionBit = 0x1_0000;

    private readonly uint _value; // contention [16], fault [15:8], status [7:0]: one word, so that it is returned in a register

    private RmpResult(uint value) => _value = value;

    /// <summary>SUCCESS.</summary>
    public static RmpResult Success => default;

    /// <summary>#UD.</summary>
    public static RmpResult InvalidOpcode => new((uint)RmpFault.InvalidOpcode << FaultShift);

    /// <summary>#GP(0).</summary>
    public static RmpResult GeneralProtection => new((uint)RmpFault.GeneralProtection << FaultShift);

    /// <summary>An instruction that ended with a code.</summary>
    /// <param name="status">The code; SUCCESS too.</param>
    /// <returns>The result.</returns>
    public static RmpResult Fail(RmpStatus status) => new((byte)status);

    /// <summary>An instruction that had no effect because another processor holds the entry.</summary>
    /// <param name="status">The code that says so: FAIL_INUSE or FAIL_OVERLAP.</param>
    /// <returns>The result; <see cref="IsContention"/> is set.</returns>
    public static RmpResult Contended(RmpStatus status) => new((byte)status | ContentionBit);

    /// <summary>Contention in bit 16, the fault in [15:8], the code in [7:0].</summary>
    internal uint Value => _value;

    /// <summary>The code; meaningful if <see cref="Fault"/> is none.</summary>
    public RmpStatus Status => (RmpStatus)(byte)_value;

    /// <summary>The fault, if any.</summary>
    public RmpFault Fault => (RmpFault)(byte)(_value >> FaultShift);

    /// <summary>Whether the code reports contention: the operation had no effect and may succeed when repeated. Hardware does not
    /// report this; here it prevents that a retry repeats on a persistent overlap.</summary>
    public bool IsContention => (_value & ContentionBit) != 0;

    /// <summary>Whether the instruction took effect.</summary>
    public bool IsSuccess => _value == 0;

    /// <summary>RFLAGS after the instruction. OF, ZF, AF, PF and SF are those of EAX compared with zero; CF stays.</summary>
    /// <param name="before">RFLAGS before it.</param>
    /// <param name="choices">Whether the arithmetic flags are left alone: <see cref="ModelChoices.InstructionsLeaveFlags"/>.</param>
    /// <returns>RFLAGS after; as before after a fault.</returns>
    public RFlags FlagsAfter(RFlags before, ModelChoices choices) => InstructionFlags.After(before, this, choices);

    /// <inheritdoc/>
    public bool Equals(RmpResult other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is RmpResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_value;

    /// <summary>The manual's name of the code with its number, or the fault.</summary>
    /// <returns>Text such as <c>4 FAIL_OVERLAP</c> or <c>#GP(0)</c>.</returns>
    public override string ToString() => Fault switch
    {
        RmpFault.InvalidOpcode => "#UD",
        RmpFault.GeneralProtection => "#GP(0)",
        _ => Status.Name(),
    };

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both are the same result.</returns>
    public static bool operator ==(RmpResult left, RmpResult right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the results differ.</returns>
    public static bool operator !=(RmpResult left, RmpResult right) => !left.Equals(right);

}
