using System.Globalization;

namespace FastRmp;

/// <summary>The outcome of an instruction that is executed from its registers. Immutable: <see cref="GuestInstructions"/>,
/// <see cref="HypervisorInstructions"/>.</summary>
public readonly record struct InstructionResult
{
    /// <summary>How it ended.</summary>
    public InstructionStatus Status { get; init; }

    /// <summary>The registers afterwards: as before after anything but <see cref="InstructionStatus.Completed"/>.</summary>
    public InstructionRegisters Registers { get; init; }

    /// <summary>EAX; SUCCESS, and without a meaning, unless <see cref="InstructionStatus.Completed"/>, and after RMPOPT.</summary>
    public RmpStatus Code { get; init; }

    /// <summary>The error code of #PF, 0x404 of #VC, else 0.</summary>
    public uint ErrorCode { get; init; }

    /// <summary>CR2 after #PF and #VC: the virtual address, of a page of the operand the first byte touched; else 0.</summary>
    public ulong FaultAddress { get; init; }

    /// <summary>EXITINFO1 of a nested page fault, else zero. The instruction's own has neither the bit of a final access nor that of a
    /// table.</summary>
    public NestedPageFaultCode ExitInfo1 { get; init; }

    /// <summary>EXITINFO2 of a nested page fault: the guest physical address; else zero.</summary>
    public GuestPhysicalAddress ExitInfo2 { get; init; }

    /// <summary>Whether a nested page fault is spurious, or the code contention: another processor was changing the entry, and the
    /// instruction may succeed when repeated. Hardware does not report it.</summary>
    public bool IsContention { get; init; }

    /// <summary>Whether the instruction completed with SUCCESS; RMPOPT whether it completed.</summary>
    public bool IsSuccess => Status == InstructionStatus.Completed && Code == RmpStatus.Success;

    /// <summary>CF, which PVALIDATE sets if the page had the state asked for already, and RMPOPT if checks are skipped.</summary>
    public bool CarryFlag => Registers.RFlags.Carry;

    /// <summary>How it ended.</summary>
    /// <returns>Text such as <c>0 SUCCESS, CF 1</c>, <c>3 FAIL_INUSE, CF 0, contention</c>, <c>#PF 0x2 at 0x7000</c>, <c>NPF 0x480000005
    /// gpa 0x7000</c> or <c>#UD</c>.</returns>
    public override string ToString()
    {
        string contention = IsContention ? ", contention" : "";
        return Status switch
        {
            InstructionStatus.Completed => $"{Code.Name()}, CF {(CarryFlag ? 1 : 0)}{contention}",
            InstructionStatus.InvalidOpcode => "#UD",
            InstructionStatus.GeneralProtection => "#GP(0)",
            InstructionStatus.PageFault => string.Create(CultureInfo.InvariantCulture, $"#PF 0x{ErrorCode:x} at 0x{FaultAddress:x}"),
            InstructionStatus.NestedPageFault =>
                string.Create(CultureInfo.InvariantCulture, $"NPF 0x{ExitInfo1.Value:x} gpa {ExitInfo2}{contention}"),
            InstructionStatus.NotValidated => string.Create(CultureInfo.InvariantCulture, $"VC 0x{ErrorCode:x} at 0x{FaultAddress:x}"),
            InstructionStatus.OutsideMemory => "outside the memory",
            _ => "an entry changed by others each time",
        };
    }
}
