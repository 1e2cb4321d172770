namespace FastRmp;

/// <summary>The result of the checks of a private access. The caller, which knows the access, turns it into a fault.</summary>
internal enum PrivateCheck : byte
{
    /// <summary>The access may happen.</summary>
    Passed = 0,

    /// <summary>Nested page fault.</summary>
    Refused = 1,

    /// <summary>Nested page fault, spurious: another processor was changing the entry.</summary>
    Contended = 2,

    /// <summary>#VC.</summary>
    NotValidated = 3,

    /// <summary>Nested page fault with the VMPL bit.</summary>
    Forbidden = 4,
}
