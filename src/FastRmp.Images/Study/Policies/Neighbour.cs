using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>Ours: splits a region at the last moment at which it may sleep and not a fault too late, when the page allocator gives the host
/// a page of a region in which a guest owns another one.</summary>
/// <remarks>
/// <para>A large leaf over pages of one guest, or over a guest's pages and free ones, hurts nobody: no write of the host goes there. What
/// hurts is a page of the host beside one of a guest, and a page becomes the host's in the allocator. There the region's pageblock tells
/// whether a guest owns a page of it (a bit that RMPUPDATE's caller sets). Allocations that must not sleep are given other
/// pageblocks; those
/// that may, split first. Where the host had the page before the guest came, and writes it again, the fault handler is the net; it is safe
/// for every context in which a page fault of the kernel is, since the table page can come from a reserve of one page a processor.</para>
/// <para><b>Zero fatal writes:</b> a write to a page that is not assigned either finds a small leaf or is repeated after the handler split
/// it. <b>Undominated</b> in table memory over time, flushes and walks of host accesses: a policy without fatal writes has split every
/// region in which the host wrote beside a guest's page, by a flush each. <c>neighbour</c> splits exactly these, once, and a region below a
/// 1 GiB leaf under one flush instead of two: no policy has fewer flushes. Only <c>neighbour+debt</c> can be better than it in all three,
/// where nothing that it joined had to be split again; else it can be better than <c>neighbour+debt</c>. <c>neighbour+rejoin</c> splits as
/// late and joins as early as any policy here: none has less memory in tables over time. <c>neighbour+debt</c> has the least modelled cost:
/// see <see cref="ByDebt"/>.</para>
/// <para><b>Advice:</b> an allocator that gave the host pages of other regions would need no split at all. The replay reports how many
/// blocks that would have been.</para>
/// </remarks>
internal sealed class Neighbour : MapPolicy
{
    /// <inheritdoc/>
    internal override string Name => "neighbour";

    /// <inheritdoc/>
    internal override string Summary => "ours: split when the host is given a page beside a guest's, the fault handler being the net";

    /// <inheritdoc/>
    internal override int Order => 80;

    /// <inheritdoc/>
    internal override MapTriggers Splits => MapTriggers.HostAllocation | MapTriggers.Fault;

    /// <inheritdoc/>
    internal override bool MergesFlushes => true;

    /// <inheritdoc/>
    internal override IReadOnlyList<JoinRule> Joins { get; } = [JoinRule.None, new AtOnce(), new ByDebt()];
}
