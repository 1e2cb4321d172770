namespace FastRmp.Reference;

/// <summary>A request of a device.</summary>
/// <param name="Iova">The address that the device uses.</param>
/// <param name="IsWrite">Whether it writes.</param>
/// <param name="Pasid">The PASID, if it has one.</param>
/// <param name="IsExecute">Whether it asks to execute.</param>
/// <param name="IsPrivileged">Whether it says that it is not a user's (AMD-Vi 4.3).</param>
public readonly record struct ReferenceIommuRequest(
    ulong Iova, bool IsWrite, uint? Pasid = null, bool IsExecute = false, bool IsPrivileged = false);
