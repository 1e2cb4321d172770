namespace FastRmp;

/// <summary>A guest's access to one byte.</summary>
/// <param name="Asid">The guest, not 0.</param>
/// <param name="Vmpl">Its current VMPL, 0 to 3; of an SNP guest.</param>
/// <param name="Cpl">Current privilege level, 0 to 3.</param>
/// <param name="Kind">The kind of access.</param>
/// <param name="IsPrivate">The effective C-bit of a data access.</param>
/// <param name="IsSnpGuest">Whether the guest runs with SNP; a plain, SEV or SEV-ES guest is checked like the hypervisor.</param>
public readonly record struct GuestAccess(uint Asid, byte Vmpl, byte Cpl, GuestAccessKind Kind, bool IsPrivate, bool IsSnpGuest = true);
