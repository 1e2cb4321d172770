namespace FastRmp.Native;

/// <summary>The 64-bit word that an instruction or a check returns: EAX in [7:0], the fault in [15:8], contention in 16, CF in 17, the
/// error code of the call in [63:32].</summary>
internal static class Word
{
    private const int FaultShift = 8;
    private const int ContentionShift = 16;
    private const int CarryShift = 17;
    private const int ErrorShift = 32;
    private const ulong NoStatus = 0xFF; // so that a caller who looks at EAX alone does not take a refusal for SUCCESS

    /// <summary>The word of a host's instruction: as the library keeps it.</summary>
    internal static ulong Of(RmpResult result) => result.Value;

    /// <summary>The word of a guest's instruction or access: as the library keeps it.</summary>
    internal static ulong Of(in GuestResult result) => result.Value;

    /// <summary>The word of RMPOPT.</summary>
    internal static ulong Of(RmpOptResult result) =>
        ((ulong)result.Fault << FaultShift) | Bit(result.IsContention, ContentionShift) | Bit(result.CarryFlag, CarryShift);

    /// <summary>The word of a call that was refused.</summary>
    internal static ulong Refused(int code) => ((ulong)(uint)code << ErrorShift) | NoStatus;

    private static ulong Bit(bool value, int shift) => value ? 1UL << shift : 0;
}
