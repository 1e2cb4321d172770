using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <content>The guest's instructions, and firmware.</content>
internal static partial class MutantList
{
    private const string CarryFlag = "GuestResult.Completed(next == low)";

    private static IEnumerable<Mutant> GuestInstructions =>
    [
        BySimulation(
            "PVALIDATE takes what firmware holds", Validate, "!low.IsGuestPage(asid, page.Gpa)",
            "!new LowQuadword(low & ~(RmpEntry.ImmutableMask | RmpEntry.LockMask)).IsGuestPage(asid, page.Gpa)"),
        BySimulation(
            "PVALIDATE works above VMPL 0", Validate, "MayExecute(processor) && processor.Vmpl == 0 &&", "MayExecute(processor) &&"),
        ByReference("PVALIDATE inverts CF", Validate, CarryFlag, "GuestResult.Completed(next != low)"),
        BySimulation("PVALIDATE never sets CF", Validate, CarryFlag, "GuestResult.Completed(false)"),
        new Mutant(
            "PVALIDATE says that it has rescinded, and has not",
            DetectedBy.Simulation,
            [
                new Edit(Validate, "low & ~RmpEntry.ValidatedMask;", "low;"),
                new Edit(Validate, CarryFlag, "GuestResult.Completed(validate && next == low)"),
            ]),
        BySimulation(
            "A 4 KiB PVALIDATE takes a 2 MiB page", Guest, "if (size == PageSize.Size4K && isLarge)",
            "if (size == PageSize.Size1G && isLarge)"),
        ByReference(
            "A 2 MiB PVALIDATE takes a 4 KiB page", Validate,
            "if (size != PageSize.Size4K && !low.IsLarge) return GuestResult.Fail(RmpStatus.FailSizeMismatch);", ""),
        ByReference("A 2 MiB PVALIDATE needs no alignment", Validate, "size <= PageSize.Size2M && isAligned;", "size <= PageSize.Size2M;"),
        BySimulation("RMPADJUST changes the caller's own VMPL and better ones", Adjust, " && operand.TargetVmpl > processor.Vmpl;", ";"),
        BySimulation(
            "RMPADJUST gives away what the caller has not", Adjust, "if ((operand.Permissions & ~old.PermissionsOf(vmpl)) != 0)",
            "if (vmpl > GuestRules.MaxVmpl)"),
        BySimulation("RMPADJUST makes a save area above VMPL 0", Adjust, "if (vmpl == 0) next", "next"),
        ByReference("RMPADJUST needs no validated page", Adjust, "if (!isValidated) return false;", ""),
        BySimulation(
            "RMPADJUST gives more than it was asked for", Adjust, "old.WithPermissionsOf(operand.TargetVmpl, operand.Permissions)",
            "old.WithPermissionsOf(operand.TargetVmpl, VmplPermissions.All)"),
        ByReference(
            "RMPQUERY tells of better VMPLs", Query, "&& targetVmpl >= processor.Vmpl && targetVmpl <= GuestRules.MaxVmpl",
            "&& targetVmpl <= GuestRules.MaxVmpl"),
        BySimulation("RMPQUERY tells of the kernel's permissions", Query, "entry.PermissionsOf(targetVmpl)", "entry.PermissionsOf(0)"),
    ];

    private static IEnumerable<Mutant> Firmware =>
    [
        BySimulation(
            "A moved page stays valid where it was", "Firmware/SevFirmware.PageMove.cs",
            "GivenBack(source.Entry) with { Validated = false }", "GivenBack(source.Entry)"),
        BySimulation(
            "A swapped page stays valid where it was", "Firmware/SevFirmware.Swap.cs", "RmpEntry.VmsaMask : RmpEntry.ValidatedMask, set: 0",
            "RmpEntry.VmsaMask : 0, set: 0"),
        BySimulation(
            "A reclaimed page becomes valid", "Firmware/SevFirmware.PageReclaim.cs", "Write(page, Held, set: 0)",
            "Write(page, Held, RmpEntry.ValidatedMask)"),
        BySimulation(
            "Firmware writes to pages that a guest has not validated", Check, "is PageState.Firmware or PageState.Default;",
            "is PageState.Firmware or PageState.Default or PageState.GuestInvalid;"),
    ];
}
