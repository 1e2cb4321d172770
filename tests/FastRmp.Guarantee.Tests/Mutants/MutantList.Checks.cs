using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <content>The checks of accesses.</content>
internal static partial class MutantList
{
    private static IEnumerable<Mutant> GuestChecks =>
    [
        BySimulation("Reverse-Map is not checked", Low, "(_value & RmpEntry.GpaMask) == page && asid", "asid"),
        BySimulation(
            "Guest-Owned: a page of any ASID will do",
            Low,
            "(_value & Compared) == (RmpEntry.AssignedMask | ((ulong)asid << RmpEntry.AsidShift))",
            "(_value & Compared & ~RmpEntry.AsidMask) == RmpEntry.AssignedMask"),
        ByReference(
            "Mutable is not checked", Low, "RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.AsidMask | RmpEntry.LockMask;",
            "RmpEntry.AssignedMask | RmpEntry.AsidMask;"),
        BySimulation("Page-Size is not checked", Private, " || low.IsLarge != isLargeMapping)", ")"),
        BySimulation("Validated is not checked", Private, "if (!entry.Validated) return PrivateCheck.NotValidated;", ""),
        ByReference(
            "VMPL is checked before Validated",
            Private,
            """
                    if (!entry.Validated) return PrivateCheck.NotValidated;
                    if ((entry.PermissionsOf(vmpl) & needed) != needed) return PrivateCheck.Forbidden;
            """,
            """
                    if ((entry.PermissionsOf(vmpl) & needed) != needed) return PrivateCheck.Forbidden;
                    if (!entry.Validated) return PrivateCheck.NotValidated;
            """),
        BySimulation(
            "VMPL: one permission of those needed will do", Private, "(entry.PermissionsOf(vmpl) & needed) != needed",
            "(entry.PermissionsOf(vmpl) & needed) == 0"),
        BySimulation("VMPL: that of the kernel counts", Private, "entry.PermissionsOf(vmpl)", "entry.PermissionsOf(0)"),
        ByReference(
            "A data write does not need Read", GuestCheck, "_ => VmplPermissions.Read | VmplPermissions.Write",
            "_ => VmplPermissions.Write"),
        BySimulation("A fetch can be shared", GuestCheck, "(isTable || kind == GuestAccessKind.Fetch)", "isTable"),
        BySimulation(
            "A page table can be shared", GuestCheck, "(isTable || kind == GuestAccessKind.Fetch)", "kind == GuestAccessKind.Fetch"),
        BySimulation(
            "A shared write of an SNP guest is not checked", GuestCheck, "return !GuestFaultCodes.Writes(kind) ||",
            "return access.IsSnpGuest || !GuestFaultCodes.Writes(kind) ||"),
        BySimulation(
            "A write of a guest without SNP is not checked", GuestCheck, "return !GuestFaultCodes.Writes(kind) ||",
            "return !access.IsSnpGuest || !GuestFaultCodes.Writes(kind) ||"),
    ];

    private static IEnumerable<Mutant> HostChecks =>
    [
        BySimulation(
            "A user's write of the host is not checked", Check, "if (HostRmpCheck<TGeometry>.MayAccess(",
            "if (isUser || HostRmpCheck<TGeometry>.MayAccess("),
        BySimulation("The check of a large mapping ignores the count", Reading, "reach |= RmpEntry.SubpageCountMask;", ""),
        BySimulation(
            "The check of a large mapping ignores its first page", Reading, "reach |= RmpEntry.SubpageCountMask;",
            "reach = RmpEntry.SubpageCountMask;"),
        BySimulation(
            "The check of a 1 GiB mapping looks at one page", Reading, "if (mapping != PageSize.Size4K)",
            "if (mapping == PageSize.Size2M)"),
        BySimulation(
            "A device's access is checked as 4 KiB", Check, ".MayAccess(address, mapping, kind);",
            ".MayAccess(address, PageSize.Size4K, kind);"),
        ByReference(
            "A page in use can be written", InUse,
            "return !stamp.IsInUse;", "return true;"),
    ];
}
