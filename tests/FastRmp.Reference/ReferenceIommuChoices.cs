namespace FastRmp.Reference;

/// <summary>The points of AMD-Vi that sources leave open (rmp 17, rows "vi"); each default is the value of that table.</summary>
public sealed record ReferenceIommuChoices
{
    /// <summary>DMA reads are checked.</summary>
    public bool ChecksReads { get; init; } = true;

    /// <summary>A mapping between 4 KiB and 2 MiB counts as 2 MiB, not as 4 KiB.</summary>
    public bool MiddleSizesCountAsLarge { get; init; }

    /// <summary>The RMP check is made with V = 0.</summary>
    public bool ChecksInvalidDevices { get; init; } = true;

    /// <summary>V = 1, TV = 0 is ILLEGAL_DEV_TABLE_ENTRY.</summary>
    public bool TvClearIsIllegal { get; init; }

    /// <summary>Mode 7 is IO_PAGE_FAULT, PR = 1.</summary>
    public bool Mode7IsPageFault { get; init; }

    /// <summary>A device beyond the table is ILLEGAL_DEV_TABLE_ENTRY.</summary>
    public bool BeyondTableIsIllegal { get; init; }

    /// <summary>RZ for a malformed level or size.</summary>
    public bool MalformedHasRz { get; init; }

    /// <summary>RZ for reserved bits.</summary>
    public bool ReservedHasRz { get; init; } = true;

    /// <summary>PR for skipped bits.</summary>
    public bool SkippedHasPr { get; init; } = true;

    /// <summary>Rights are judged at the leaf only.</summary>
    public bool RightsAtLeaf { get; init; }

    /// <summary>PR for an address beyond the Mode's reach.</summary>
    public bool ReachHasPr { get; init; } = true;

    /// <summary>TV is tested before the reserved bits.</summary>
    public bool TvFirst { get; init; }

    /// <summary>IR and IW of the DTE are tested before its encoding.</summary>
    public bool RightsBeforeEncoding { get; init; }

    /// <summary>Fields of features that are not there count as reserved.</summary>
    public bool FeaturesCount { get; init; } = true;

    /// <summary>v2 faults have GN and the PASID.</summary>
    public bool GuestHasGn { get; init; } = true;

    /// <summary>v2 faults are GUEST_EVENT_FAULT.</summary>
    public bool GuestEvents { get; init; }

    /// <summary>PR for an invalid GCR3 entry.</summary>
    public bool Gcr3HasPr { get; init; }

    /// <summary>PR for an address that is not canonical.</summary>
    public bool NonCanonicalHasPr { get; init; }

    /// <summary>RMP_PAGE_FAULT names the physical address.</summary>
    public bool RmpEventHasSpa { get; init; }

    /// <summary>flags_rmp.</summary>
    public uint RmpFlags { get; init; }
}
