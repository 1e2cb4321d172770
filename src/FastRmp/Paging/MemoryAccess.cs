namespace FastRmp.Paging;

/// <summary>One access as paging judges it.</summary>
/// <param name="Kind">Read, write or fetch.</param>
/// <param name="IsUser">Whether it is made in user mode (CPL 3, explicit).</param>
/// <param name="MayTouchUserPages">With CR4.SMAP: whether a supervisor data access to a user page is allowed (RFLAGS.AC = 1 and the access is explicit).</param>
public readonly record struct MemoryAccess(AccessKind Kind, bool IsUser = false, bool MayTouchUserPages = false)
{
    /// <summary>A data read by the kernel.</summary>
    public static MemoryAccess KernelRead => new(AccessKind.Read);

    /// <summary>A data write by the kernel.</summary>
    public static MemoryAccess KernelWrite => new(AccessKind.Write);

    /// <summary>A fetch by the kernel.</summary>
    public static MemoryAccess KernelFetch => new(AccessKind.Fetch);
}
