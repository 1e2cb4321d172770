using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_guest_access.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct GuestAccessWords
{
    private const byte HighestPrivilege = 3;

    /// <summary>The guest.</summary>
    internal uint Asid { get; init; }

    /// <summary>The kind of access.</summary>
    internal byte Kind { get; init; }

    /// <summary>VMPL, 0 to 3.</summary>
    internal byte Vmpl { get; init; }

    /// <summary>CPL, 0 to 3.</summary>
    internal byte Cpl { get; init; }

    /// <summary>Private in bit 0, not an SNP guest in bit 1.</summary>
    internal byte Flags { get; init; }

    /// <summary>Takes it apart.</summary>
    /// <param name="access">The access.</param>
    /// <returns>False if something means nothing.</returns>
    internal bool TryDecode(out GuestAccess access)
    {
        access = new GuestAccess(Asid, Vmpl, Cpl, (GuestAccessKind)Kind, (Flags & 1) != 0, (Flags & 2) == 0);
        return Kind <= (byte)GuestAccessKind.ShadowStackWrite && Vmpl <= HighestPrivilege && Cpl <= HighestPrivilege && Flags <= 3;
    }
}
