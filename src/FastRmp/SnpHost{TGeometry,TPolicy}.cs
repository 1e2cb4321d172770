using System;
using FastRmp.DirectMap;
using FastRmp.Paging;

namespace FastRmp;

/// <summary>The host kernel's side of SNP: RMPUPDATE with the direct map split around it, host accesses through the direct map, and the
/// handler of RMP faults.</summary>
/// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
/// <typeparam name="TPolicy">When the direct map is split and joined.</typeparam>
/// <remarks>
/// <para>SNP is off at first: no access is checked and RMPUPDATE is #UD. Enabling is one-way, as SYSCFG.SNP_EN is.</para>
/// <para>Thread-safety: one thread at a time, because the direct map changes. The <see cref="ReverseMapTable{TGeometry}"/> below may be
/// used by any threads meanwhile.</para>
/// </remarks>
public sealed partial class SnpHost<TGeometry, TPolicy>
    where TGeometry : struct, IRmpGeometry
    where TPolicy : struct, IDirectMapPolicy
{
    /// <summary>How often RMPUPDATE is repeated unless said otherwise: far longer than a preempted thread holds an entry.</summary>
    public const long DefaultMaxRetries = 1_000_000;

    private readonly IHostInstructions? _instructions;

    /// <summary>Makes a host with SNP off.</summary>
    /// <param name="table">The RMP.</param>
    /// <param name="directMap">The kernel's direct map.</param>
    /// <param name="retry">The codes on which RMPUPDATE is repeated.</param>
    /// <param name="maxRetries">How often at most. The kernel has no bound; here an entry that a dump or a terminated thread left locked
    /// must not block the caller. <see cref="long.MaxValue"/> for the kernel's loop.</param>
    /// <param name="instructions">What executes RMPUPDATE and PSMASH, for instance <see cref="ScriptedInstructions"/> before the table;
    /// null for the table itself.</param>
    public SnpHost(
        ReverseMapTable<TGeometry> table, HostDirectMap directMap, RetryRule retry = RetryRule.Any, long maxRetries = DefaultMaxRetries,
        IHostInstructions? instructions = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(directMap);
        Table = table;
        DirectMap = directMap;
        Retry = retry;
        MaxRetries = maxRetries;
        _instructions = instructions;
    }

    /// <summary>The RMP.</summary>
    public ReverseMapTable<TGeometry> Table { get; }

    /// <summary>The kernel's direct map.</summary>
    public HostDirectMap DirectMap { get; }

    /// <summary>The codes on which RMPUPDATE is repeated.</summary>
    public RetryRule Retry { get; }

    /// <summary>How often RMPUPDATE is repeated at most.</summary>
    public long MaxRetries { get; }

    /// <summary>SYSCFG.SNP_EN.</summary>
    public bool IsSnpEnabled { get; private set; }

    /// <summary>The processor as the kernel executes RMP instructions on it.</summary>
    public ExecutionState Processor => ExecutionState.Host with { SnpEnabled = IsSnpEnabled };

    /// <summary>Sets SYSCFG.SNP_EN: from now on every host write is checked, and the RMP's own pages, where it covers itself, are Firmware.
    /// There is no way back; a second call does nothing.</summary>
    public void EnableSnp()
    {
        if (IsSnpEnabled) return;
        Table.ClaimOwnPages();
        IsSnpEnabled = true;
    }

    /// <summary>The original patch's <c>rmpupdate()</c>: refuses while SNP is off, splits the direct map as the policy says, executes
    /// RMPUPDATE until no other processor holds the entry (at most <see cref="MaxRetries"/> times more), joins again if the policy says so
    /// and the update released.</summary>
    /// <param name="page">The page.</param>
    /// <param name="operand">The state it shall have.</param>
    /// <returns>The outcome. A failed split leaves the RMP untouched; a failed RMPUPDATE leaves a split behind.</returns>
    /// <remarks>Allocates nothing.</remarks>
    public HostUpdate RmpUpdate(PhysicalAddress page, in RmpUpdateOperand operand)
    {
        if (!IsSnpEnabled) return new HostUpdate(HostUpdateStatus.NotEnabled, page, null, 0);
        if (TPolicy.RefusesOutsideRam && !DirectMap.IsValid(page, operand.PageSize))
        {
            return new HostUpdate(HostUpdateStatus.NotRam, page, null, 0);
        }

        if (TPolicy.SplitsBefore(operand.PageSize) && DirectMap.SplitForUpdate(page) == SplitStatus.OutOfTablePages)
        {
            return new HostUpdate(HostUpdateStatus.SplitFailed, page, null, 0);
        }

        RmpResult result = Update(page, operand, out long retries);
        if (!result.IsSuccess) return new HostUpdate(HostUpdateStatus.UpdateFailed, page, result, retries);
        if (TPolicy.RejoinsAfterRelease && !operand.Assigned) RejoinRegion(page);
        return new HostUpdate(HostUpdateStatus.Done, page, result, retries);
    }

    /// <summary>PSMASH of a 2 MiB page. Neither splits nor joins the direct map.</summary>
    /// <param name="page">The page, 2 MiB aligned.</param>
    /// <returns>What the instruction said.</returns>
    public RmpResult PSmash(PhysicalAddress page) => (_instructions ?? Table).PSmash(Processor, page);

    /// <summary>An access of the kernel to physical memory through its direct map: walk, rights, RMP check.</summary>
    /// <param name="address">The physical address.</param>
    /// <param name="kind">Read, write or fetch.</param>
    /// <returns>The outcome of the walk; the fault address of a page fault is <see cref="HostDirectMap.ToVirtual"/> of the
    /// address.</returns>
    /// <remarks>Allocates nothing.</remarks>
    public WalkResult Access(PhysicalAddress address, AccessKind kind) => Access(DirectMap.ToVirtual(address), new MemoryAccess(kind));

    /// <summary>An access of the kernel to an address of its direct map: walk, rights, RMP check, Accessed and Dirty bits.</summary>
    /// <param name="address">The virtual address.</param>
    /// <param name="access">What the access does.</param>
    /// <returns>The outcome of the walk.</returns>
    /// <remarks>Allocates nothing.</remarks>
    public WalkResult Access(VirtualAddress address, MemoryAccess access)
    {
        PinnedMemoryView memory = DirectMap.View();
        HostRmpCheck<TGeometry> check = new(IsSnpEnabled ? Table : null);
        return PageWalker.Access(ref memory, DirectMap.State, address, access, ref check);
    }

    /// <summary>The page-fault handler. A write to an unassigned page through a large mapping that also maps an assigned page is resolved
    /// by splitting the mapping, if the policy does that. A write to a page that is itself assigned is always fatal.</summary>
    /// <param name="address">CR2.</param>
    /// <param name="errorCode">The error code.</param>
    /// <returns>What to do about the fault.</returns>
    /// <remarks>The 2 MiB region of the address is split to 4 KiB leaves: splitting 1 GiB into 2 MiB leaves would not resolve the fault,
    /// since a 1 GiB mapping is checked by its 2 MiB regions.</remarks>
    public FaultOutcome HandlePageFault(VirtualAddress address, PageFaultErrorCode errorCode)
    {
        if (!errorCode.Rmp) return FaultOutcome.NotAnRmpFault;
        if (!DirectMap.TryToPhysical(address, out PhysicalAddress page) || !DirectMap.TryGetMapping(page, out PageSize mapping))
        {
            return FaultOutcome.Fatal;
        }

        if (!Table.IsHypervisorOwned(page, PageSize.Size4K)) return FaultOutcome.Fatal;
        if (Table.IsHypervisorOwned(page, mapping)) return OwnsTables(address) ? FaultOutcome.Spurious : FaultOutcome.Fatal;
        if (!TPolicy.SplitsOnFault) return FaultOutcome.Fatal;
        return DirectMap.SetMemory4K(page, 1) == SplitStatus.OutOfTablePages ? FaultOutcome.Fatal : FaultOutcome.Split;
    }

    /// <summary>The handler of RMP violations of a guest's private page, as KVM's: an RMP page of 2 MiB is split by PSMASH, whatever SIZEM
    /// and the nested mapping say.</summary>
    /// <param name="page">The system physical address that the memory manager has for the guest physical address that failed.</param>
    /// <param name="code">EXITINFO1.</param>
    /// <returns>What was done about the fault.</returns>
    /// <remarks>PSMASH is repeated while another processor holds the page, at most <see cref="MaxRetries"/> times; after another failure
    /// the entry is looked up again. Source: Linux, arch/x86/kvm/svm/sev.c. Allocates nothing.</remarks>
    public FaultOutcome HandleNestedPageFault(PhysicalAddress page, NestedPageFaultCode code)
    {
        if (!code.Rmp) return FaultOutcome.NotAnRmpFault;
        RmpLookup found = Table.Lookup(page);
        if (!found.IsAssigned) return FaultOutcome.NotAssigned;
        if (found.Size == PageSize.Size4K) return FaultOutcome.Spurious;
        RmpResult result = (_instructions ?? Table).PSmash(Processor, page.AlignDown(PageSize.Size2M), MaxRetries, out _);
        if (result.IsSuccess) return FaultOutcome.Smashed;
        found = Table.Lookup(page);
        // another processor may have split it first
        return found.IsAssigned && found.Size == PageSize.Size4K ? FaultOutcome.Spurious : FaultOutcome.SmashFailed;
    }

    private RmpResult Update(PhysicalAddress page, in RmpUpdateOperand operand, out long retries) => _instructions is null
        ? Table.RmpUpdate(Processor, page, operand, Retry, MaxRetries, out retries)
        : _instructions.RmpUpdate(Processor, page, operand, Retry, MaxRetries, out retries);

    /// <summary>Whether the walker may write the paging structures on the way to an address: if a guest owns one of them, repeating the
    /// access cannot succeed.</summary>
    private bool OwnsTables(VirtualAddress address)
    {
        PinnedMemoryView memory = DirectMap.View();
        NoCheck check = default;
        WalkTrace trace = default;
        _ = PageWalker.Trace(ref memory, DirectMap.State, address, MemoryAccess.KernelRead, ref check, ref trace);
        foreach (WalkStep step in trace.Steps)
        {
            if (!Table.IsHypervisorOwned(step.Address, PageSize.Size4K)) return false;
        }

        return true;
    }

    private void RejoinRegion(PhysicalAddress page)
    {
        if (!Table.IsHypervisorOwned(page, PageSize.Size2M) || !DirectMap.TryRejoin(page)) return;

        // Another thread may have assigned a page of the region, on the table itself, between the test and the join: then the join is taken
        // back. For what it assigns later that thread has to split the map itself, as any caller that does not use the host's functions.
        if (!Table.IsHypervisorOwned(page, PageSize.Size2M)) _ = DirectMap.SetMemory4K(page, 1);
    }
}
