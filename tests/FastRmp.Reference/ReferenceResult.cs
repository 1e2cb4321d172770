namespace FastRmp.Reference;

/// <summary>What came of one instruction: a code, or a fault and then no code.</summary>
/// <param name="Fault">The exception, or <see cref="ReferenceFault.None"/>.</param>
/// <param name="Code">The code; <see cref="ReferenceCode.Success"/> and without meaning when a fault was raised.</param>
public readonly record struct ReferenceResult(ReferenceFault Fault, ReferenceCode Code)
{
    /// <summary>Whether the instruction took effect.</summary>
    public bool Succeeded => Fault == ReferenceFault.None && Code == ReferenceCode.Success;

    /// <summary>A result that is a code.</summary>
    /// <param name="code">The code.</param>
    /// <returns>The result.</returns>
    public static ReferenceResult Of(ReferenceCode code) => new(ReferenceFault.None, code);

    /// <summary>A result that is a fault.</summary>
    /// <param name="fault">The exception.</param>
    /// <returns>The result.</returns>
    public static ReferenceResult Faulted(ReferenceFault fault) => new(fault, ReferenceCode.Success);
}
