using System;

namespace FastRmp.Images;

/// <summary>An error code that is printed by the names of its bits: <c>#PF error: [PROT] [WRITE]</c>, as Linux 5.0 does. Source: Linux
/// v5.0, arch/x86/mm/fault.c.</summary>
internal static class PageFaultNames
{
    /// <summary>Reads the names.</summary>
    /// <param name="text">A line.</param>
    /// <param name="value">The code.</param>
    /// <returns>Whether the line is such a one, with names that are all known.</returns>
    internal static bool TryParse(string text, out ulong value)
    {
        value = 0;
        int start = text.IndexOf("PF error", StringComparison.OrdinalIgnoreCase);
        int open = start < 0 ? -1 : text.IndexOf('[', start);
        if (open < 0) return false;
        bool any = false;
        while (open >= 0)
        {
            int close = text.IndexOf(']', open);
            if (close < 0 || BitOf(text[(open + 1)..close]) is not { } bit) return false;
            value |= bit;
            any = true;
            open = text.IndexOf('[', close);
        }

        return any;
    }

    private static ulong? BitOf(string name) => name.Trim().ToUpperInvariant() switch
    {
        "PROT" or "P" => PageFaultErrorCode.PresentMask,
        "WRITE" or "W" => PageFaultErrorCode.WriteMask,
        "USER" or "U" => PageFaultErrorCode.UserMask,
        "RSVD" => PageFaultErrorCode.ReservedBitMask,
        "INSTR" => PageFaultErrorCode.FetchMask,
        "PK" => PageFaultErrorCode.ProtectionKeyMask,
        "SHSTK" or "SS" => PageFaultErrorCode.ShadowStackMask,
        "SGX" => PageFaultErrorCode.SgxMask,
        "RMP" => PageFaultErrorCode.RmpMask,
        "NORMAL KERNEL READ FAULT" => 0,
        _ => null,
    };
}
