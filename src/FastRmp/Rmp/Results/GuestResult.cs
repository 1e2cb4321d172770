using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace FastRmp;

/// <summary>The outcome of an instruction that a guest executed, or of a guest's access: a code and CF, or a fault with its error
/// code. Immutable; any threads may share it.</summary>
public readonly struct GuestResult : IEquatable<GuestResult>
{
    /// <summary>Error code of #VC for a page that is not validated: PAGE_NOT_VALIDATED.</summary>
    public const uint PageNotValidatedCode = FaultCodes.PageNotValidated;

    private const int FaultShift = 8;
    private const uint ContentionBit = 0x1_0000;
    private const uint CarryBit = 0x2_0000;

    // A whole quadword: narrower fields would be stored to the stack and loaded as one, which stalls store forwarding.
    private readonly ulong _value; // CF [17], contention [16], fault [15:8], status [7:0]
    private readonly NestedPageFaultCode _code;

    private GuestResult(uint value, NestedPageFaultCode code = default)
    {
        _value = value;
        _code = code;
    }

    /// <summary>SUCCESS with CF = 0; of an access: it may happen.</summary>
    public static GuestResult Success => default;

    /// <summary>#UD.</summary>
    public static GuestResult InvalidOpcode => new((uint)RmpFault.InvalidOpcode << FaultShift);

    /// <summary>#GP(0).</summary>
    public static GuestResult GeneralProtection => new((uint)RmpFault.GeneralProtection << FaultShift);

    /// <summary>#VC 0x404, PAGE_NOT_VALIDATED.</summary>
    public static GuestResult NotValidated => new((uint)RmpFault.PageNotValidated << FaultShift);

    /// <summary>CF in bit 17, contention in 16, the fault in [15:8], the code in [7:0].</summary>
    internal ulong Value => _value;

    /// <summary>EAX; meaningful if <see cref="Fault"/> is none.</summary>
    public RmpStatus Status => (RmpStatus)(byte)_value;

    /// <summary>The fault, if any.</summary>
    public RmpFault Fault => (RmpFault)(byte)(_value >> FaultShift);

    /// <summary>CF of PVALIDATE: the page had the requested state already. 0 with any other code or fault.</summary>
    public bool CarryFlag => (_value & CarryBit) != 0;

    /// <summary>Whether the nested page fault is spurious: another processor was changing the entry. Software returns and tries again;
    /// Hardware does not report it.</summary>
    public bool IsContention => (_value & ContentionBit) != 0;

    /// <summary>Whether the instruction completed with SUCCESS, or the access may happen.</summary>
    public bool IsSuccess => (_value & ~CarryBit) == 0;

    /// <summary>EXITINFO1 if <see cref="Fault"/> is a nested page fault, else zero.</summary>
    public NestedPageFaultCode ExitInfo1 => _code;

    /// <summary>RFLAGS after the instruction. OF, ZF, AF, PF and SF are those of EAX compared with zero; PVALIDATE alone sets CF.</summary>
    /// <param name="before">RFLAGS before it.</param>
    /// <param name="isPValidate">Whether it was PVALIDATE.</param>
    /// <param name="choices">Whether the arithmetic flags are left alone: <see cref="ModelChoices.InstructionsLeaveFlags"/>.</param>
    /// <returns>RFLAGS after; as before after a fault.</returns>
    public RFlags FlagsAfter(RFlags before, bool isPValidate, ModelChoices choices) =>
        InstructionFlags.After(before, this, isPValidate, choices);

    /// <inheritdoc/>
    public bool Equals(GuestResult other) => _value == other._value && _code == other._code;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is GuestResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_value, _code);

    /// <summary>The manual's name of the code with its number, or the fault.</summary>
    /// <returns>Text such as <c>6 FAIL_SIZEMISMATCH</c>, <c>NPF 0x480000005</c> or <c>VC 0x404</c>.</returns>
    public override string ToString() => Fault switch
    {
        RmpFault.NestedPageFault => string.Create(CultureInfo.InvariantCulture, $"NPF 0x{_code.Value:x}"),
        RmpFault.PageNotValidated => string.Create(CultureInfo.InvariantCulture, $"VC 0x{PageNotValidatedCode:x}"),
        RmpFault.InvalidOpcode => RmpResult.InvalidOpcode.ToString(),
        RmpFault.GeneralProtection => RmpResult.GeneralProtection.ToString(),
        _ => RmpResult.Fail(Status).ToString(),
    };

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both are the same result.</returns>
    public static bool operator ==(GuestResult left, GuestResult right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the results differ.</returns>
    public static bool operator !=(GuestResult left, GuestResult right) => !left.Equals(right);

    internal static GuestResult Fail(RmpStatus status) => new((uint)status);

    internal static GuestResult Completed(bool carry) => new(carry ? CarryBit : 0);

    internal static GuestResult NestedFault(ulong code, bool isContention = false) =>
        new(((uint)RmpFault.NestedPageFault << FaultShift) | (isContention ? ContentionBit : 0), new NestedPageFaultCode(code));
}
