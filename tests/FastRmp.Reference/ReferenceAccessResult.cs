namespace FastRmp.Reference;

/// <summary>What came of a guest's access.</summary>
/// <param name="Fault">None if it is allowed, otherwise #NPF or #VC.</param>
/// <param name="ErrorCode">EXITINFO1 of the #NPF, the code of the #VC, or 0.</param>
public readonly record struct ReferenceAccessResult(ReferenceFault Fault, ulong ErrorCode)
{
    /// <summary>Whether the access is allowed.</summary>
    public bool IsAllowed => Fault == ReferenceFault.None;
}
