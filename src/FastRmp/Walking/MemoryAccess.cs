using System;

namespace FastRmp;

/// <summary>One access as paging judges it.</summary>
/// <param name="Kind">Read, write or fetch.</param>
/// <param name="IsUser">Whether it is made in user mode: explicitly, at CPL 3.</param>
/// <param name="MayTouchUserPages">With CR4.SMAP: whether a supervisor data access to a user page is allowed (RFLAGS.AC = 1 and the access
/// is explicit). User accesses and fetches do not depend on it.</param>
/// <param name="IsShadowStack">Whether a read or write is one to a shadow stack, as CALL, RET and their like make them with CR4.CET.
/// Fetches do not depend on it.</param>
/// <remarks>
/// An implicit access, one that the processor makes for its own structures (GDT, LDT, IDT, TSS), is a supervisor's whatever the CPL and may
/// not touch user pages whatever RFLAGS.AC: both flags false, as <see cref="Implicit"/> says by name.
/// </remarks>
public readonly record struct MemoryAccess(AccessKind Kind, bool IsUser = false, bool MayTouchUserPages = false, bool IsShadowStack = false)
{
    private const int UserCpl = 3;

    /// <summary>A data read by the kernel.</summary>
    public static MemoryAccess KernelRead => new(AccessKind.Read);

    /// <summary>A data write by the kernel.</summary>
    public static MemoryAccess KernelWrite => new(AccessKind.Write);

    /// <summary>A fetch by the kernel.</summary>
    public static MemoryAccess KernelFetch => new(AccessKind.Fetch);

    /// <summary>An access that an instruction asks for.</summary>
    /// <param name="kind">Read, write or fetch.</param>
    /// <param name="cpl">The current privilege level, 0 to 3: 3 is user mode, all others are supervisor.</param>
    /// <param name="alignmentCheck">RFLAGS.AC.</param>
    /// <returns>The access.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The level is not 0 to 3.</exception>
    public static MemoryAccess Explicit(AccessKind kind, int cpl, bool alignmentCheck)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cpl);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cpl, UserCpl);
        return new(kind, cpl == UserCpl, alignmentCheck);
    }

    /// <summary>An access to a shadow stack. Its page must be one: Dirty and not writable in the leaf, writable in all levels above, and of
    /// the access's own mode.</summary>
    /// <param name="kind">Read or write.</param>
    /// <param name="isUser">Whether it is one to a user shadow stack, at CPL 3; else to a supervisor's.</param>
    /// <returns>The access.</returns>
    public static MemoryAccess ShadowStack(AccessKind kind, bool isUser = false) => new(kind, isUser, IsShadowStack: true);

    /// <summary>An access that the processor makes to a system structure, at any CPL.</summary>
    /// <param name="kind">Read or write.</param>
    /// <returns>The access.</returns>
    public static MemoryAccess Implicit(AccessKind kind) => new(kind);
}
