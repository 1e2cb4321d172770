using System;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <content>The guest's rows of the manual's table of checks.</content>
public static partial class RmpCheck
{
    private const int HighestPrivilegeNumber = 3; // of VMPLs and of CPLs

    /// <summary>Checks a guest's access.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="access">The guest, its privilege and the kind of access.</param>
    /// <param name="page">Where: guest physical and system physical address of the byte, and the size of the nested mapping.</param>
    /// <returns>SUCCESS, a nested page fault with EXITINFO1, or #VC.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The kind is not defined, or the VMPL or the CPL is above 3: these are the caller's,
    /// not a guest's register's.</exception>
    /// <remarks>
    /// In the manual's order: RMP-Covered, Guest-Owned, Reverse-Map, Mutable, Page-Size (nested page fault), Validated (#VC), VMPL (nested
    /// page fault). Shared data reads, and all reads and fetches of a guest without SNP, are not checked; its writes, and shared writes,
    /// need hypervisor-owned memory. An entry that another processor is changing gives a spurious fault with
    /// <see cref="GuestResult.IsContention"/> set.
    /// </remarks>
    public static GuestResult Guest<TGeometry>(ReverseMapTable<TGeometry> table, in GuestAccess access, in NestedPage page)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        RequireKnown(access);
        return Outcome(table, access, page);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RequireKnown(in GuestAccess access)
    {
        if (access.Kind > GuestAccessKind.ShadowStackWrite || (access.Vmpl | access.Cpl) > HighestPrivilegeNumber) RefuseUnknown(access);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static GuestResult Outcome<TGeometry>(ReverseMapTable<TGeometry> table, in GuestAccess access, in NestedPage page)
        where TGeometry : struct, IRmpGeometry
    {
        PrivateCheck check = Check(table, access, page, out bool isPrivate);
        return check == PrivateCheck.Passed
            ? GuestResult.Success
            : Fault(check, access.Kind, isPrivate && ReportsEncryption(table, access.IsSnpGuest));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RefuseUnknown(in GuestAccess access)
    {
        if (access.Kind > GuestAccessKind.ShadowStackWrite)
        {
            Throw.NoAccessKind(nameof(access), (int)access.Kind, (int)GuestAccessKind.ShadowStackWrite);
        }

        if (access.Vmpl > HighestPrivilegeNumber) Throw.NoPrivilege(nameof(access), "VMPL", access.Vmpl);
        Throw.NoPrivilege(nameof(access), "CPL", access.Cpl);
    }

    /// <summary>The check itself, for callers that know the kind of access at compile time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PrivateCheck Check<TGeometry>(
        ReverseMapTable<TGeometry> table, in GuestAccess access, in NestedPage page, out bool isPrivate)
        where TGeometry : struct, IRmpGeometry
    {
        GuestAccessKind kind = access.Kind;
        bool isTable = kind == GuestAccessKind.PageTable;
        isPrivate = access.IsPrivate || (access.IsSnpGuest && (isTable || kind == GuestAccessKind.Fetch));
        if (access.IsSnpGuest && isPrivate) return table.CheckPrivate(access.Asid, access.Vmpl, Needed(kind, access.Cpl), page);
        return !GuestFaultCodes.Writes(kind) || table.IsHypervisorOwned(page.Spa, isTable ? PageSize.Size4K : page.NestedSize)
            ? PrivateCheck.Passed
            : PrivateCheck.Refused;
    }

    /// <summary>Whether a nested page fault has ENC where the access was private: that of an SNP guest, and by choice that of any guest of
    /// the SEV family.</summary>
    internal static bool ReportsEncryption<TGeometry>(ReverseMapTable<TGeometry> table, bool isSnpGuest)
        where TGeometry : struct, IRmpGeometry => isSnpGuest || table.Choices.ReportEncryptionOfSevGuests;

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static GuestResult Fault(PrivateCheck check, GuestAccessKind kind, bool isPrivate) => check switch
    {
        PrivateCheck.NotValidated => GuestResult.NotValidated,
        PrivateCheck.Forbidden => GuestResult.NestedFault(GuestFaultCodes.OfGuestAccess(kind, isPrivate) | NestedPageFaultCode.VmplMask),
        _ => GuestResult.NestedFault(GuestFaultCodes.OfGuestAccess(kind, isPrivate), check == PrivateCheck.Contended),
    };

    /// <summary>The permissions that the mask of the VMPL has to grant. A data write needs Read, too: Write alone is not a legal
    /// combination.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static VmplPermissions Needed(GuestAccessKind kind, byte cpl) => kind switch
    {
        GuestAccessKind.Read => VmplPermissions.Read,
        GuestAccessKind.Fetch => cpl == 3 ? VmplPermissions.ExecuteUser : VmplPermissions.ExecuteSupervisor,
        GuestAccessKind.ShadowStackRead or GuestAccessKind.ShadowStackWrite => VmplPermissions.SupervisorShadowStack,
        _ => VmplPermissions.Read | VmplPermissions.Write,
    };
}
