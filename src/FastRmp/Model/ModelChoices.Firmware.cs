namespace FastRmp;

/// <content>What the sources leave open of firmware's commands.</content>
public sealed partial record ModelChoices
{
    /// <summary>Whether SNP_PAGE_RECLAIM of a page without an entry gives INVALID_PAGE_STATE instead of SUCCESS. Default: no, nothing is
    /// done.</summary>
    /// <remarks>The published firmware goes on with an entry that it never read, so that its answer is undefined.</remarks>
    public bool ReclaimOfUncoveredIsRefused { get; init; }
}
