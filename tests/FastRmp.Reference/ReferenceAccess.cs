namespace FastRmp.Reference;

/// <summary>One access by linear address (paging 1).</summary>
/// <param name="Address">The linear address.</param>
/// <param name="Kind">Read, write or fetch, or a read or write of a shadow stack; of the supervisor's unless User.</param>
/// <param name="User">Whether it is made in user mode; an implicit access never is.</param>
/// <param name="Implicit">Whether the processor makes it for a system structure.</param>
public readonly record struct ReferenceAccess(ulong Address, ReferenceAccessKind Kind, bool User, bool Implicit = false);
