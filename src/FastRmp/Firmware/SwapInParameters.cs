using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Firmware;

/// <summary>What the metadata of a swapped-out guest page says of it.</summary>
/// <param name="Gpa">Its guest physical address, aligned to its size; stored as RMPUPDATE stores one.</param>
/// <param name="IsValidated">Whether it was validated.</param>
/// <param name="IsVmsa">Whether it is a VM save area.</param>
/// <param name="Vmpl0Permissions">What VMPL0 may do.</param>
/// <param name="Vmpl1Permissions">What VMPL1 may do.</param>
/// <param name="Vmpl2Permissions">What VMPL2 may do.</param>
/// <param name="Vmpl3Permissions">What VMPL3 may do.</param>
public readonly record struct SwapInParameters(
    GuestPhysicalAddress Gpa,
    bool IsValidated,
    bool IsVmsa,
    VmplPermissions Vmpl0Permissions,
    VmplPermissions Vmpl1Permissions,
    VmplPermissions Vmpl2Permissions,
    VmplPermissions Vmpl3Permissions);
