namespace FastRmp.Model;

/// <summary>Every point that the public sources leave open, as one named choice; the defaults are the ones argued in each remark.</summary>
/// <remarks>Change one with <c>with</c> if you know better. Immutable; any threads may share it.</remarks>
public sealed partial record ModelChoices
{
    /// <summary>The defaults.</summary>
    public static ModelChoices Default { get; } = new();

    /// <summary>How RMPUPDATE reports contention.</summary>
    /// <remarks>Both codes are documented by some source, and real host code has to meet both. PSMASH knows FAIL_INUSE only.</remarks>
    public ContentionCode Contention { get; init; } = ContentionCode.FailInUse;

    /// <summary>Whether RMPUPDATE looks at Lock before Immutable. Default: no.</summary>
    /// <remarks>A resting firmware page has both bits set: with this order a kernel that retries on FAIL_INUSE would hang on it.</remarks>
    public bool LockBeforeImmutable { get; init; }

    /// <summary>Whether a 2 MiB RMPUPDATE over an immutable, unassigned (HV_Fixed) sub-page gives FAIL_OVERLAP instead of FAIL_PERMISSION. Default: no.</summary>
    /// <remarks>Such pages are invisible in Subpage_Count, so the test comes after the overlap test either way.</remarks>
    public bool FixedSubpageIsOverlap { get; init; }

    /// <summary>Whether RMPUPDATE ignores address bits [11:0] instead of refusing them with FAIL_INPUT. Default: no.</summary>
    public bool IgnoreLowAddressBits { get; init; }

    /// <summary>Whether RMPUPDATE ignores reserved bits of its operand instead of refusing them with FAIL_INPUT. Default: no.</summary>
    public bool IgnoreReservedOperandBits { get; init; }

    /// <summary>Whether RMPUPDATE takes ASIDs above the processor's maximum, up to 0x3FE, instead of refusing them with FAIL_INPUT. Default: no.</summary>
    public bool AllowAsidAboveMaximum { get; init; }

    /// <summary>Whether an immutable base entry refuses every 4 KiB RMPUPDATE in its region with FAIL_PERMISSION. Default: no, only the page's own entry counts.</summary>
    /// <remarks>One reading of a report from real hardware. Firmware pages and freely assignable ones share regions, and Subpage_Count is there to count them: the other reading fits.</remarks>
    public bool ImmutableBaseBlocksRegion { get; init; }

    /// <summary>Whether RMPUPDATE with Immutable = 1 leaves Lock = 1 behind, as firmware does. Default: no, Lock = 0 at rest.</summary>
    public bool LockFollowsImmutable { get; init; }

    /// <summary>Whether the counters by ASID count firmware pages (ASID 0) too. Default: no; nothing reads that counter.</summary>
    public bool CountAsidZero { get; init; }

    /// <summary>Whether PSMASH of an immutable 2 MiB page gives FAIL_PERMISSION instead of FAIL_BADADDR. Default: no; 7 is documented for any page that is unfit.</summary>
    public bool SmashOfImmutableIsPermission { get; init; }

    /// <summary>Whether a 4 KiB RMPUPDATE inside an immutable 2 MiB page gives FAIL_OVERLAP instead of FAIL_PERMISSION. Default: no; the base entry holds the attributes of all 2 MiB.</summary>
    public bool ImmutableLargePageIsOverlap { get; init; }

    /// <summary>Whether RMPUPDATE compares the operand's unmasked guest address with the stored one when it decides what to reset. Default: no, both masked.</summary>
    public bool CompareUnmaskedGpa { get; init; }

    /// <summary>Whether the counters by ASID count a 2 MiB page as one instead of 512. Default: no; only a count of 4 KiB pages survives firmware's PAGE_UNSMASH, which leaves the counters alone.</summary>
    public bool CountLargePageAsOne { get; init; }

    /// <summary>Whether PVALIDATE at a VMPL above 0 gives FAIL_PERMISSION instead of #GP(0). Default: no.</summary>
    public bool PValidateAboveVmpl0IsPermission { get; init; }

    /// <summary>Whether PVALIDATE and RMPADJUST hold the nested mapping's size against the RMP's before they look at the operand's size. Default: no, the operand's size decides first.</summary>
    public bool NestedSizeFirst { get; init; }

    /// <summary>Whether RMPADJUST tests Validated (#VC) before the sizes (nested page fault). Default: no, all that ends in a nested page fault comes first.</summary>
    public bool ValidatedBeforeSize { get; init; }

    /// <summary>Whether RMPQUERY refuses the caller's own VMPL, too. Default: no, only more privileged ones.</summary>
    public bool RmpQueryRefusesOwnVmpl { get; init; }

    /// <summary>Whether RMPOPT works on a contiguous RMP, too, instead of raising #UD. Default: no.</summary>
    public bool RmpOptOnContiguous { get; init; }

    /// <summary>Whether only an RMPUPDATE that assigns a page ends RMPOPT's skipping of checks, instead of every successful one. Default: no, every one: that is safe.</summary>
    public bool RmpOptKeptOnRelease { get; init; }

    /// <summary>Whether the exponents in CPUID Fn8000_0025 EAX count powers of two megabytes instead of bytes. Default: no; Linux reads them as bytes, on hardware.</summary>
    public bool SegmentExponentsAreMegabytes { get; init; }
}
