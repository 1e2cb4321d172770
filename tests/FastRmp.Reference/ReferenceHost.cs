using System;

namespace FastRmp.Reference;

/// <summary>The host kernel: its RMP, its direct map, and a policy that ties the two together (direct map 3, 4, 7).</summary>
/// <remarks>SNP is off at first and can only be turned on. Not thread-safe.</remarks>
public sealed class ReferenceHost
{
    /// <summary>A host on which SNP is off.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="rmp">The table.</param>
    /// <param name="directMap">The direct map.</param>
    public ReferenceHost(ReferencePolicy policy, ReferenceRmp rmp, ReferenceDirectMap directMap)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(rmp);
        ArgumentNullException.ThrowIfNull(directMap);
        Policy = policy;
        Rmp = rmp;
        DirectMap = directMap;
    }

    /// <summary>The policy.</summary>
    public ReferencePolicy Policy { get; }

    /// <summary>The table.</summary>
    public ReferenceRmp Rmp { get; }

    /// <summary>The direct map.</summary>
    public ReferenceDirectMap DirectMap { get; }

    /// <summary>Whether SNP is enabled.</summary>
    public bool SnpEnabled { get; private set; }

    /// <summary>Enables SNP for good (rmp 1.1).</summary>
    public void EnableSnp()
    {
        SnpEnabled = true;
        Rmp.Enable();
    }

    /// <summary>The host's function: refused if SNP is off; split first; then RMPUPDATE; then perhaps a rejoin.</summary>
    /// <param name="spa">The system physical address of the page.</param>
    /// <param name="input">The new state.</param>
    /// <returns>How far it came. A failed RMPUPDATE leaves the split in place.</returns>
    public ReferenceHostResult RmpUpdate(ulong spa, ReferenceUpdateInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (!SnpEnabled) return new ReferenceHostResult(ReferenceHostStatus.NotEnabled, default);
        if (Policy.RefusesOutsideMemory && !IsValid(spa, input.Large))
        {
            return new ReferenceHostResult(ReferenceHostStatus.NotMemory, default);
        }

        if (!TrySplitBefore(spa, input)) return new ReferenceHostResult(ReferenceHostStatus.SplitFailed, default);

        ReferenceResult result = Rmp.Update(Kernel(), spa, input);
        bool released = result.Succeeded && !input.Assigned;
        if (released && Policy.Rejoins && Rmp.HostMayWrite(spa, ReferencePageSize.Size2M)) DirectMap.Rejoin(spa);
        return new ReferenceHostResult(ReferenceHostStatus.Executed, result);
    }

    /// <summary>PSMASH by the host; neither splits nor joins anything in the direct map (direct map 3).</summary>
    /// <param name="spa">The system physical address of the 2 MiB page.</param>
    /// <returns>The result; #UD while SNP is off.</returns>
    public ReferenceResult PSmash(ulong spa) => Rmp.PSmash(Kernel(), spa);

    /// <summary>One write by the kernel through the direct map, with its fault if it takes one.</summary>
    /// <param name="address">The physical address that is written.</param>
    /// <returns>What became of it.</returns>
    public ReferenceWriteOutcome Write(ulong address)
    {
        ReferenceLeaf? leaf = DirectMap.FindLeaf(address);
        if (leaf is null) return ReferenceWriteOutcome.NotMapped;
        if (!Violates(address, leaf.Size)) return ReferenceWriteOutcome.Done;
        if (!HandleViolation(address, leaf)) return ReferenceWriteOutcome.Fatal;

        ReferenceLeaf? again = DirectMap.FindLeaf(address);
        bool cured = again is not null && !Violates(address, again.Size);
        return cured ? ReferenceWriteOutcome.Handled : ReferenceWriteOutcome.Fatal;
    }

    private bool Violates(ulong address, ReferencePageSize size) =>
        SnpEnabled && Rmp.HostAccess(ReferenceAccessKind.Write, address, size, user: false) is not null;

    // direct map 4, HandleKernelRmpFault: true means "repeat the access".
    private bool HandleViolation(ulong address, ReferenceLeaf leaf)
    {
        bool pageItselfAssigned = !Rmp.HostMayWrite(address, ReferencePageSize.Size4K);
        if (pageItselfAssigned || !Policy.SplitsOnFault) return false;
        if (leaf.Size == ReferencePageSize.Size4K) return true;

        // The 2 MiB region goes to 4 KiB; what else a 1 GiB leaf mapped stays in leaves of 2 MiB.
        return DirectMap.Split(address) == ReferenceSplitResult.Done;
    }

    // direct map 3, AdjustDirectMap: the first page frame, and of 2 MiB the alignment and the last one.
    private bool IsValid(ulong spa, bool large)
    {
        const ulong Region = 0x20_0000;
        if (DirectMap.FindLeaf(spa) is null) return false;
        return !large || (spa % Region < 0x1000 && DirectMap.FindLeaf((spa / Region * Region) + Region - 1) is not null);
    }

    private bool TrySplitBefore(ulong spa, ReferenceUpdateInput input)
    {
        bool wanted = input.Large ? Policy.SplitsFor2M : Policy.SplitsFor4K;
        if (!wanted) return true;

        // direct map 3: only the first page is asked for, which is enough to bring its whole region to 4 KiB. A page that is
        // a 4 KiB leaf already is left alone and gets no mark, unless that is chosen.
        ReferenceLeaf? leaf = DirectMap.FindLeaf(spa);
        if (leaf is null) return true;
        if (leaf.Size == ReferencePageSize.Size4K && !DirectMap.Choices.Kernel4KOnEveryUpdate) return true;
        return DirectMap.Split(spa, ReferenceMark.RmpUpdate) == ReferenceSplitResult.Done;
    }

    private ReferenceExecution Kernel() => new() { SnpEnabled = SnpEnabled };
}
