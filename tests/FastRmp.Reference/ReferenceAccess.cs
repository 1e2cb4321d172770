namespace FastRmp.Reference;

/// <summary>One access by linear address (paging 1).</summary>
/// <param name="Address">The linear address.</param>
/// <param name="Kind">Read, write or fetch.</param>
/// <param name="User">Whether it is made in user mode; an implicit access never is.</param>
/// <param name="Implicit">Whether the processor makes it for a system structure.</param>
public readonly record struct ReferenceAccess(ulong Address, ReferenceAccessKind Kind, bool User, bool Implicit = false);
