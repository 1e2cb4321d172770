using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>RFLAGS after an RMP instruction.</summary>
/// <remarks>
/// OF, ZF, AF, PF and SF are those of EAX, as a comparison of it with zero leaves them; CF is defined for PVALIDATE and RMPOPT alone. The
/// rule is that of AMD64 APM vol. 3, recalled and not verified; <see cref="ModelChoices.InstructionsLeaveFlags"/> selects the other one. An
/// instruction that faulted changed nothing.
/// </remarks>
internal static class InstructionFlags
{
    /// <summary>The flags after RMPUPDATE, PSMASH or RMPREAD.</summary>
    /// <param name="before">RFLAGS before.</param>
    /// <param name="result">What the instruction ended with.</param>
    /// <param name="choices">The open points.</param>
    /// <returns>RFLAGS after.</returns>
    public static RFlags After(RFlags before, RmpResult result, ModelChoices choices)
    {
        ArgumentNullException.ThrowIfNull(choices);
        return result.Fault == RmpFault.None ? ByEax(before, (uint)result.Status, choices) : before;
    }

    /// <summary>The flags after PVALIDATE, RMPADJUST or RMPQUERY.</summary>
    /// <param name="before">RFLAGS before.</param>
    /// <param name="result">What the instruction ended with.</param>
    /// <param name="isPValidate">Whether it was PVALIDATE, which defines CF.</param>
    /// <param name="choices">The open points.</param>
    /// <returns>RFLAGS after.</returns>
    public static RFlags After(RFlags before, GuestResult result, bool isPValidate, ModelChoices choices)
    {
        ArgumentNullException.ThrowIfNull(choices);
        if (result.Fault != RmpFault.None) return before;
        RFlags after = ByEax(before, (uint)result.Status, choices);
        return isPValidate ? after with { Carry = result.CarryFlag } : after;
    }

    /// <summary>The flags after RMPOPT, which leaves EAX and with it the other flags alone.</summary>
    /// <param name="before">RFLAGS before.</param>
    /// <param name="result">What the instruction ended with.</param>
    /// <returns>RFLAGS after.</returns>
    public static RFlags After(RFlags before, RmpOptResult result) =>
        result.Fault == RmpFault.None ? before with { Carry = result.CarryFlag } : before;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RFlags ByEax(RFlags before, uint eax, ModelChoices choices) => choices.InstructionsLeaveFlags
        ? before
        : before with
        {
            Zero = eax == 0,
            Sign = eax >> 31 != 0,
            Parity = (BitOperations.PopCount((byte)eax) & 1) == 0,
            Overflow = false,
            Auxiliary = false
        };
}
