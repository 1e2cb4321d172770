namespace FastRmp.Layouts;

/// <summary>The codes that faults of instructions and accesses carry, in one place.</summary>
internal static class FaultCodes
{
    /// <summary>EXITINFO1 of an instruction's own fault (PVALIDATE, RMPADJUST, RMPQUERY): a private access, neither a final one nor one to a table.</summary>
    internal const ulong OfInstruction =
        NestedPageFaultCode.PresentMask | NestedPageFaultCode.UserMask | NestedPageFaultCode.RmpMask | NestedPageFaultCode.EncryptedMask;
}
