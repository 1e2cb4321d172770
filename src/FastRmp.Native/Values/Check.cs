namespace FastRmp.Native;

/// <summary>The 64-bit word that a check returns: 0, or an error code in [31:0]; the error code of the call in [63:32].</summary>
internal static class Check
{
    private const int ErrorShift = 32;

    /// <summary>The word of a call that was refused: what looks at [31:0] alone does not take it for a pass.</summary>
    internal static ulong Refused(int code) => ((ulong)(uint)code << ErrorShift) | uint.MaxValue;
}
