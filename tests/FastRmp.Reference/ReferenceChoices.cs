namespace FastRmp.Reference;

/// <summary>The points that the specification marks DECISION, as far as this model has them (rmp 11 and 12).</summary>
/// <remarks>The defaults are the proposals of the specification.</remarks>
public sealed record ReferenceChoices
{
    /// <summary>Whether nested faults of SEV and SEV-ES guests carry ENC (rmp 6.4).</summary>
    public bool EncryptionOfSevGuestsIsTold { get; init; }

    /// <summary>Whether RMPUPDATE tests the lock before it tests Immutable (rmp 4.3, steps 5 and 5a; rmp 11 point 1).</summary>
    public bool LockBeforeImmutable { get; init; }

    /// <summary>RMPUPDATE's code for an entry that somebody else is changing (rmp 5.1, 17): FAIL_INUSE or FAIL_OVERLAP.</summary>
    public ReferenceCode EntryContentionCode { get; init; } = ReferenceCode.FailInUse;

    /// <summary>RMPUPDATE's code for a region that somebody else has locked (rmp 5.1, 17): FAIL_OVERLAP or FAIL_INUSE.</summary>
    public ReferenceCode RegionContentionCode { get; init; } = ReferenceCode.FailOverlap;

    /// <summary>Whether a 2 MiB RMPUPDATE looks at the in-use mark of its first page only (rmp 4.3 step 5a).</summary>
    public bool LargeUpdateSeesFirstUseOnly { get; init; }

    /// <summary>Whether a base entry loses its count when a 4 KiB update makes its page unassigned (rmp 2.6).</summary>
    public bool CountClearedOnRelease { get; init; }

    /// <summary>Whether PVALIDATE with EDX = 0 clears the masks of VMPL1 to VMPL3 (rmp 4.5).</summary>
    public bool RescindClearsMasks { get; init; }

    /// <summary>RMPADJUST's code for reserved mask bits and for a VMPL above 3 (rmp 4.6): FAIL_INPUT or FAIL_PERMISSION.</summary>
    public ReferenceCode AdjustReservedCode { get; init; } = ReferenceCode.FailInput;

    /// <summary>Whether the guest's checks take a VMSA in use for the page of ASID 0x3FE (rmp 7).</summary>
    public bool InUseVmsaIsNotGuestOwned { get; init; }

    /// <summary>Whether RMPREAD shows the real ASID of a VMSA in use (rmp 2.4).</summary>
    public bool ReadShowsOwnerOfVmsa { get; init; }

    /// <summary>RMPUPDATE's code for 2 MiB over an immutable sub-page (rmp 4.3 step 6; rmp 11 point 3): FAIL_PERMISSION or
    /// FAIL_OVERLAP.</summary>
    public ReferenceCode ImmutableSubPageCode { get; init; } = ReferenceCode.FailPermission;

    /// <summary>Whether RMPUPDATE refuses an address whose low 12 bits are set; otherwise it ignores them (rmp 4.3 step 1; rmp 11 point
    /// 4).</summary>
    public bool RefuseMisalignedAddress { get; init; } = true;

    /// <summary>Whether RMPUPDATE refuses reserved bits in its operand; otherwise it ignores them (rmp 2.5; rmp 11 point 4).</summary>
    public bool RefuseReservedInput { get; init; } = true;

    /// <summary>
    /// Whether RMPUPDATE writes Lock = Immutable; otherwise it writes Lock = 0 (rmp 3). The default was taught by AMD's firmware:
    /// SNP_PAGE_SET_STATE takes a page only with Lock set, and nobody but the host's RMPUPDATE can have set it.
    /// </summary>
    public bool LockFollowsImmutable { get; init; } = true;

    /// <summary>Whether the ASID counters also count assigned pages of ASID 0 (rmp 1.5; rmp 11 point 6).</summary>
    public bool CountAsidZero { get; init; }

    /// <summary>PSMASH's code for an immutable 2 MiB page (rmp 4.4; rmp 11 point 9): FAIL_BADADDR or FAIL_PERMISSION.</summary>
    public ReferenceCode SmashImmutableCode { get; init; } = ReferenceCode.FailBadAddress;

    /// <summary>RMPUPDATE's code for a sub-page of an immutable 2 MiB page (rmp 12 point 4): FAIL_PERMISSION or FAIL_OVERLAP.</summary>
    public ReferenceCode ImmutableLargePageCode { get; init; } = ReferenceCode.FailPermission;

    /// <summary>
    /// Whether old and new GPA are compared after masking; otherwise the operand's bits 50:12 are compared unmasked with the
    /// stored value (rmp 2.6; rmp 12 point 5).
    /// </summary>
    public bool CompareGpaMasked { get; init; } = true;

    /// <summary>Whether PVALIDATE above VMPL0 returns FAIL_PERMISSION; otherwise it raises #GP(0) (rmp 4.5; rmp 11 point 7).</summary>
    public bool ValidateAboveVmpl0IsPermission { get; init; }

    /// <summary>Whether RMPADJUST refuses reserved bits in RDX; otherwise it ignores them (rmp 4.6).</summary>
    public bool RefuseReservedAdjustInput { get; init; } = true;

    /// <summary>Whether RMPQUERY refuses the caller's own VMPL, too (rmp 4.7; rmp 11 point 8).</summary>
    public bool QueryRefusesOwnVmpl { get; init; }

    /// <summary>Whether RMPOPT raises #UD unless the RMP is segmented (rmp 8).</summary>
    public bool RmpOptNeedsSegments { get; init; } = true;

    /// <summary>Whether any RMPUPDATE that succeeds clears RMPOPT's bit; otherwise only one that assigns (rmp 8.1).</summary>
    public bool RmpOptClearedByRelease { get; init; }

    /// <summary>Whether RMPOPT outside the window raises #GP(0) instead of CF = 0 (rmp 8.1).</summary>
    public bool RmpOptFaultsOutsideWindow { get; init; }

    /// <summary>Whether uncovered pages keep a region from being optimised (rmp 8.1).</summary>
    public bool RmpOptUncoveredIsAssigned { get; init; }

    /// <summary>Whether RMPOPT raises #GP(0) for a function above 1 instead of reporting (rmp 8.1).</summary>
    public bool RmpOptFaultsOnFunction { get; init; }

    /// <summary>Whether RMPOPT raises #GP(0) for an address that is not a multiple of 1 GiB (rmp 8.1).</summary>
    public bool RmpOptFaultsOnLowBits { get; init; }

    /// <summary>Whether RMPUPDATE takes any ASID that an entry can name as an owner, up to 0x3FD (rmp 4.3 step 2).</summary>
    public bool AllowAsidAboveMaximum { get; init; }

    /// <summary>Whether an immutable base refuses every 4 KiB update of its region: reading 2 of rmp 4.3.</summary>
    public bool ImmutableBaseBlocksRegion { get; init; }

    /// <summary>Whether the ASID counters count a 2 MiB page as one; otherwise as 512 (rmp 1.5; rmp 11 point 6).</summary>
    public bool CountLargePageAsOne { get; init; }

    /// <summary>Whether PVALIDATE and RMPADJUST compare the nested mapping with the RMP before the size asked for (rmp 12 point
    /// 1).</summary>
    public bool NestedSizeFirst { get; init; }

    /// <summary>Whether RMPADJUST looks at Validated before it looks at the sizes (rmp 12 point 2).</summary>
    public bool ValidatedBeforeSize { get; init; }

    /// <summary>Whether the guest's instructions look at the page of a shared mapping; otherwise NPF (rmp 4.5).</summary>
    public bool InstructionsTakeSharedMappings { get; init; }

    /// <summary>Whether the guest's instructions leave OF, ZF, AF, PF and SF alone; otherwise these are by EAX (rmp 4.1).</summary>
    public bool InstructionsLeaveFlags { get; init; }
}
