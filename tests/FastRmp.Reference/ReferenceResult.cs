namespace FastRmp.Reference;

/// <summary>What came of one instruction: a code, or a fault and then no code.</summary>
/// <param name="Fault">The fault, or <see cref="ReferenceFault.None"/>.</param>
/// <param name="Code">The code; <see cref="ReferenceCode.Success"/> and without meaning when a fault was raised.</param>
/// <param name="ErrorCode">EXITINFO1 of a nested page fault, the code of a #VC, otherwise 0.</param>
public readonly record struct ReferenceResult(ReferenceFault Fault, ReferenceCode Code, ulong ErrorCode = 0)
{
    /// <summary>Whether the instruction took effect.</summary>
    public bool Succeeded => Fault == ReferenceFault.None && Code == ReferenceCode.Success;

    /// <summary>A result that is a code.</summary>
    /// <param name="code">The code.</param>
    /// <returns>The result.</returns>
    public static ReferenceResult Of(ReferenceCode code) => new(ReferenceFault.None, code);

    /// <summary>A result that is a fault.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="errorCode">Its error code, if it has one.</param>
    /// <returns>The result.</returns>
    public static ReferenceResult Faulted(ReferenceFault fault, ulong errorCode = 0) => new(fault, ReferenceCode.Success, errorCode);
}
