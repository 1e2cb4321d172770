namespace FastRmp;

/// <summary>What RMPQUERY reports about a page. Immutable.</summary>
/// <param name="Size">RCX: size of the RMP page.</param>
/// <param name="Permissions">RDX[15:8]: the permission mask of the target VMPL.</param>
/// <param name="IsVmsa">RDX[16]: whether the page holds a VM save area.</param>
public readonly record struct RmpQueryOutput(PageSize Size, VmplPermissions Permissions, bool IsVmsa);
