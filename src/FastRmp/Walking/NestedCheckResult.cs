using System;
using System.Globalization;

namespace FastRmp;

/// <summary>What a check of a guest's access says after both walks allowed it.</summary>
public readonly struct NestedCheckResult : IEquatable<NestedCheckResult>
{
    /// <summary>Error code of #VC for a page that is not validated: PAGE_NOT_VALIDATED.</summary>
    private const uint PageNotValidated = FaultCodes.PageNotValidated;

    private readonly ulong _code; // 0: allowed; the #VC code; else EXITINFO1, which has the RMP bit

    private NestedCheckResult(ulong code) => _code = code;

    /// <summary>The access may happen.</summary>
    public static NestedCheckResult Allowed => default;

    /// <summary>#VC 0x404.</summary>
    public static NestedCheckResult NotValidated => new(PageNotValidated);

    /// <summary>Whether the access may happen.</summary>
    public bool IsAllowed => _code == 0;

    /// <summary>EXITINFO1, or the code of #VC; 0 if the access may happen.</summary>
    internal ulong Code => _code;

    /// <summary>Whether the page is not validated.</summary>
    internal bool IsNotValidated => _code == PageNotValidated;

    /// <summary>A nested page fault.</summary>
    /// <param name="exitInfo1">EXITINFO1; its RMP bit is set in any case.</param>
    /// <returns>The verdict.</returns>
    public static NestedCheckResult NestedPageFault(NestedPageFaultCode exitInfo1) => new(exitInfo1.Value | NestedPageFaultCode.RmpMask);

    /// <inheritdoc/>
    public bool Equals(NestedCheckResult other) => _code == other._code;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NestedCheckResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _code.GetHashCode();

    /// <summary>What the check says.</summary>
    /// <returns><c>allowed</c>, <c>VC 0x404</c>, or text such as <c>NPF 0x580000005</c>.</returns>
    public override string ToString() => _code switch
    {
        0 => "allowed",
        PageNotValidated => string.Create(CultureInfo.InvariantCulture, $"VC 0x{_code:x}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"NPF 0x{_code:x}"),
    };

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both say the same.</returns>
    public static bool operator ==(NestedCheckResult left, NestedCheckResult right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the verdicts differ.</returns>
    public static bool operator !=(NestedCheckResult left, NestedCheckResult right) => !left.Equals(right);
}
