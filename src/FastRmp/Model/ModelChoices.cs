namespace FastRmp;

/// <summary>Every point that the public sources leave open, as one named choice; each remark gives the reason for its default.</summary>
/// <remarks>Change one by a <c>with</c> expression. Immutable; any threads may share it.</remarks>
public sealed partial record ModelChoices
{
    /// <summary>The defaults.</summary>
    public static ModelChoices Default { get; } = new();

    /// <summary>How RMPUPDATE reports contention. Default: FAIL_OVERLAP for a locked region, FAIL_INUSE for an entry that is being
    /// changed.</summary>
    /// <remarks>Each code is documented by some source, and host code has to handle both. PSMASH knows FAIL_INUSE only.</remarks>
    public ContentionCode Contention { get; init; } = ContentionCode.ByPlace;

    /// <summary>Whether RMPUPDATE looks at Lock before Immutable. Default: no.</summary>
    /// <remarks>A resting firmware page has both bits set: with this order a kernel that retries on FAIL_INUSE would never leave its
    /// loop.</remarks>
    public bool LockBeforeImmutable { get; init; }

    /// <summary>Whether a 2 MiB RMPUPDATE looks at in-use marks of its first page alone. Default: no, any page of the region that is the
    /// hypervisor's and in use gives FAIL_INUSE.</summary>
    /// <remarks>The update takes all 512 pages, and a VMCB or AVIC page taken from a running VCPU is what the mark exists to prevent.
    /// Assigned pages in use are not looked at: with them the region overlaps.</remarks>
    public bool LargeUpdateLooksAtFirstPageAlone { get; init; }

    /// <summary>Whether a 2 MiB RMPUPDATE over an immutable, unassigned (HV_Fixed) sub-page gives FAIL_OVERLAP instead of FAIL_PERMISSION.
    /// Default: no.</summary>
    /// <remarks>Subpage_Count does not count such pages, so the test comes after the overlap test either way.</remarks>
    public bool FixedSubpageIsOverlap { get; init; }

    /// <summary>Whether RMPUPDATE ignores address bits [11:0] instead of refusing them with FAIL_INPUT. Default: no.</summary>
    public bool IgnoreLowAddressBits { get; init; }

    /// <summary>Whether RMPUPDATE ignores reserved bits of its operand instead of refusing them with FAIL_INPUT. Default: no.</summary>
    public bool IgnoreReservedOperandBits { get; init; }

    /// <summary>Whether RMPUPDATE takes ASIDs above the processor's maximum, up to 0x3FD, instead of refusing them with FAIL_INPUT.
    /// Default: no.</summary>
    public bool AllowAsidAboveMaximum { get; init; }

    /// <summary>Whether an immutable base entry refuses every 4 KiB RMPUPDATE in its region with FAIL_PERMISSION. Default: no, only the
    /// page's own entry counts.</summary>
    /// <remarks>One reading of a report from real hardware. Firmware pages and freely assignable ones share regions, and Subpage_Count is
    /// there to count them: the other reading fits.</remarks>
    public bool ImmutableBaseBlocksRegion { get; init; }

    /// <summary>Whether RMPUPDATE writes Lock = Immutable, as firmware does; if not, Lock = 0 at rest. Default: yes.</summary>
    /// <remarks>SNP_PAGE_SET_STATE takes only pages whose Lock is set, and the pages that reach it were made Firmware by the host's
    /// RMPUPDATE alone.</remarks>
    public bool LockFollowsImmutable { get; init; } = true;

    /// <summary>Whether a base entry loses its Subpage_Count when a 4 KiB RMPUPDATE makes its page unassigned. Default: no, kept.</summary>
    /// <remarks>With it a count may be below the number of assigned pages; so the checks of large mappings miss them, and releases count
    /// below zero, which wraps.</remarks>
    public bool CountClearedOnRelease { get; init; }

    /// <summary>Whether RMPUPDATE leaves translations in TLBs for software to flush, instead of invalidating them on all processors.
    /// Default: no, the instruction does it; Linux flushes nothing around it.</summary>
    /// <remarks>For a caller with a TLB of its own, which asks <see cref="ReverseMapTable{TGeometry}.InvalidatesTlb"/> after each
    /// instruction. A <c>TranslationCache</c> finds no verdict from before an update either way.</remarks>
    public bool RmpUpdateLeavesTlb { get; init; }

    /// <summary>Whether the counters by ASID count firmware pages (ASID 0) too. Default: no; nothing reads that counter.</summary>
    public bool CountAsidZero { get; init; }

    /// <summary>Whether PSMASH of an immutable 2 MiB page gives FAIL_PERMISSION instead of FAIL_BADADDR. Default: no; 7 is documented for
    /// every page that PSMASH cannot split.</summary>
    public bool SmashOfImmutableIsPermission { get; init; }

    /// <summary>Whether a 4 KiB RMPUPDATE inside an immutable 2 MiB page gives FAIL_OVERLAP instead of FAIL_PERMISSION. Default: no; the
    /// base entry holds the attributes of all 2 MiB.</summary>
    public bool ImmutableLargePageIsOverlap { get; init; }

    /// <summary>Whether RMPUPDATE compares the operand's unmasked guest address with the stored one when it decides what to reset. Default:
    /// no, both masked.</summary>
    public bool CompareUnmaskedGpa { get; init; }

    /// <summary>Whether the counters by ASID count a 2 MiB page as one instead of 512. Default: no; only a count of 4 KiB pages survives
    /// firmware's PAGE_UNSMASH, which leaves the counters alone.</summary>
    public bool CountLargePageAsOne { get; init; }

    /// <summary>Whether PVALIDATE at a VMPL above 0 gives FAIL_PERMISSION instead of #GP(0). Default: no.</summary>
    public bool PValidateAboveVmpl0IsPermission { get; init; }

    /// <summary>Whether rescinding a page (PVALIDATE with EDX = 0) takes back the masks of VMPL1 to VMPL3, as an assignment does. Default:
    /// no, they stay.</summary>
    public bool RescindClearsMasks { get; init; }

    /// <summary>Whether PVALIDATE and RMPADJUST compare the nested mapping's size with the RMP's before they test the operand's size.
    /// Default: no, the operand's size decides first.</summary>
    public bool NestedSizeFirst { get; init; }

    /// <summary>Whether RMPADJUST tests Validated (#VC) before the sizes (nested page fault). Default: no, all that ends in a nested page
    /// fault comes first.</summary>
    public bool ValidatedBeforeSize { get; init; }

    /// <summary>Whether RMPADJUST gives FAIL_PERMISSION instead of FAIL_INPUT for reserved bits in the mask and for a VMPL above 3.
    /// Default: no.</summary>
    public bool RmpAdjustReservedIsPermission { get; init; }

    /// <summary>Whether RMPQUERY refuses the caller's own VMPL, too. Default: no, only more privileged ones.</summary>
    public bool RmpQueryRefusesOwnVmpl { get; init; }

    /// <summary>Whether RMPOPT works on a contiguous RMP, too, instead of raising #UD. Default: no.</summary>
    public bool RmpOptOnContiguous { get; init; }

    /// <summary>Whether every successful RMPUPDATE ends RMPOPT's skipping of checks in its region, not only one that assigns. Default: no;
    /// a region with an assigned page has nothing to end.</summary>
    public bool RmpOptEndsOnRelease { get; init; }

    /// <summary>Whether RMPOPT_BASE may be written before SNP_EN is set, and its enable bit cleared. Default: no, both are
    /// #GP(0).</summary>
    public bool RmpOptBaseIsFree { get; init; }

    /// <summary>Whether RMPOPT of an address outside the core's 2 TiB is #GP(0). Default: no, CF = 0.</summary>
    public bool RmpOptOutsideWindowFaults { get; init; }

    /// <summary>Whether pages without an entry keep RMPOPT from skipping the checks of their region. Default: no, they count as
    /// unassigned.</summary>
    public bool RmpOptUncoveredIsAssigned { get; init; }

    /// <summary>Whether RMPOPT of a function (RCX) above 1 is #GP(0). Default: no, it reports as function 1 does.</summary>
    public bool RmpOptReservedFunctionFaults { get; init; }

    /// <summary>Whether RMPOPT of an address that is not 1 GiB aligned is #GP(0). Default: no, bits [29:0] are ignored.</summary>
    public bool RmpOptUnalignedFaults { get; init; }

    /// <summary>Whether a guest's accesses to its VM save area in use, and its instructions on it, fail the Guest-Owned check, because the
    /// entry shows ASID 0x3FE. Default: no, they are checked with the owner, which is kept outside the table.</summary>
    public bool InUseVmsaIsNotGuestOwned { get; init; }

    /// <summary>Whether RMPREAD shows the owner of a VM save area in use instead of the raw ASID 0x3FE. Default: no.</summary>
    public bool RmpReadShowsOwnerOfVmsa { get; init; }

    /// <summary>Whether the instructions keep the arithmetic flags, except CF of PVALIDATE and RMPOPT. Default: no, OF, ZF, AF, PF
    /// and SF are set by EAX.</summary>
    public bool InstructionsLeaveFlags { get; init; }

    /// <summary>Whether entries of the RMP segment table with reserved bits are taken as if these were clear, instead of being refused.
    /// Default: no.</summary>
    public bool IgnoreReservedSegmentBits { get; init; }

    /// <summary>Whether the exponents in CPUID Fn8000_0025 EAX count powers of two megabytes instead of bytes. Default: no; Linux reads
    /// them as bytes, on hardware.</summary>
    public bool SegmentExponentsAreMegabytes { get; init; }
}
