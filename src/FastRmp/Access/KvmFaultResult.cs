namespace FastRmp;

/// <summary>What KVM does about a nested page fault: what the VMM in user space sees, and what happens in the RMP. Immutable; any threads
/// may share it.</summary>
/// <param name="Action">What is done about the translation.</param>
/// <param name="IsPrivate">Whether KVM takes the access for a private one: an SNP guest's with ENC.</param>
/// <param name="Frame">The guest physical address of the 4 KiB frame; of a memory fault, its <c>gpa</c>.</param>
/// <param name="MappingSize">With <see cref="KvmAction.Map"/>: the size of the new mapping.</param>
/// <param name="Rmp">What is done about the RMP violation; <see cref="FaultOutcome.NotAnRmpFault"/> if there is none or KVM does not reach
/// its handler.</param>
public readonly partial record struct KvmFaultResult(
    KvmAction Action, bool IsPrivate, GuestPhysicalAddress Frame, PageSize MappingSize, FaultOutcome Rmp)
{
    /// <summary>The flag KVM_MEMORY_EXIT_FLAG_PRIVATE.</summary>
    private const ulong PrivateFlag = 8;

    private const int BadAddress = -14;

    /// <summary>The <c>size</c> of a memory fault in bytes: 4096, or 0 if there is none.</summary>
    public ulong ExitSize => Action == KvmAction.MemoryFault ? PageSize.Size4K.Bytes() : 0;

    /// <summary>The <c>flags</c> of a memory fault: 8 if the guest's access was private, else 0.</summary>
    public ulong ExitFlags => Action == KvmAction.MemoryFault && IsPrivate ? PrivateFlag : 0;

    /// <summary>What the KVM_RUN ioctl returns because of it: 0 if the guest continues, -EFAULT for a memory fault and a warning.</summary>
    public int ErrorNumber => Action is KvmAction.MemoryFault or KvmAction.Warning ? BadAddress : 0;

    /// <summary>How many frames' nested mappings are dropped, from the frame on: 512 around a PSMASH, also a failed one, else 0.</summary>
    public int ZappedFrames => Rmp is FaultOutcome.Smashed or FaultOutcome.SmashFailed ? (int)PageSize.Size2M.Pages() : 0;

    /// <summary>Whether the kernel warns that it did not expect the RMP violation.</summary>
    public bool WarnsOfRmp => Rmp is FaultOutcome.NotPrivate or FaultOutcome.NotAssigned or FaultOutcome.SmashFailed;
}
