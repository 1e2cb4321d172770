namespace FastRmp;

/// <summary>What came of an instruction of a guest that starts from a guest virtual address.</summary>
public readonly record struct GuestInstructionResult
{
    /// <summary>How it ended.</summary>
    public GuestInstructionStatus Status { get; internal init; }

    /// <summary>The registers afterwards: as before after anything but <see cref="GuestInstructionStatus.Completed"/>.</summary>
    public GuestRegisters Registers { get; internal init; }

    /// <summary>EAX; SUCCESS, and without a meaning, unless <see cref="GuestInstructionStatus.Completed"/>.</summary>
    public RmpStatus Code { get; internal init; }

    /// <summary>The error code of #PF, 0x404 of #VC, else 0.</summary>
    public uint ErrorCode { get; internal init; }

    /// <summary>CR2 after #PF and #VC: the guest virtual address; else 0.</summary>
    public ulong FaultAddress { get; internal init; }

    /// <summary>EXITINFO1 of a nested page fault, else zero. The instruction's own has neither the bit of a final access nor that of a table.</summary>
    public NestedPageFaultCode ExitInfo1 { get; internal init; }

    /// <summary>EXITINFO2 of a nested page fault: the guest physical address; else zero.</summary>
    public GuestPhysicalAddress ExitInfo2 { get; internal init; }

    /// <summary>Whether the nested page fault is spurious: another processor was changing the entry. Hardware does not tell it.</summary>
    public bool IsContention { get; internal init; }

    /// <summary>Whether the instruction completed with SUCCESS.</summary>
    public bool IsSuccess => Status == GuestInstructionStatus.Completed && Code == RmpStatus.Success;

    /// <summary>CF, which PVALIDATE sets if the page had the state asked for already.</summary>
    public bool CarryFlag => Registers.RFlags.Carry;
}
