namespace FastRmp;

/// <content>Open points of access checks and of what starts from a guest virtual address.</content>
public sealed partial record ModelChoices
{
    /// <summary>Whether PVALIDATE, RMPADJUST and RMPQUERY through a shared mapping (C-bit 0, or above virtual TOM) look at the page like
    /// through a private one. Default: no, a nested page fault; no page that is mapped so is the guest's.</summary>
    public bool InstructionsTakeSharedMappings { get; init; }
}
