namespace FastRmp;

/// <summary>RDX of RMPADJUST, and of RMPQUERY on its return.</summary>
[BitLayout(64, Source = "AMD64 APM vol. 3, RMPADJUST and RMPQUERY")]
[Reserved(63, 17)]
public readonly partial struct RmpAdjustOperand
{
    /// <summary>The VMPL whose permissions are meant, 0 to 3.</summary>
    [Bits(7, 0)] public partial byte TargetVmpl { get; init; }

    /// <summary>Its permission mask; bits [7:5] are reserved.</summary>
    [Bits(15, 8)] public partial VmplPermissions Permissions { get; init; }

    /// <summary>Whether the page holds a VM save area; RMPADJUST uses it at VMPL 0 only.</summary>
    [Bits(16)] public partial bool Vmsa { get; init; }
}
