using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Layouts;
using FastRmp.Reference;
using FastRmp.Rmp;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Rmp.Concurrency;

namespace FastRmp.Tests.Firmware;

/// <summary>Firmware's commands as steps of programs: the operand's ASID is the command, its GPA the second page or the guest's address.</summary>
internal static class CommandStep
{
    /// <summary>The ASID whose counter is tested.</summary>
    private const uint Asid = 1;

    public static Step Of(FirmwareCommand command, ulong page, PageSize size = PageSize.Size4K, ulong second = 0) =>
        new(StepKind.Command, page, Operands.Make(second, false, false, false, (uint)command), size);

    public static FirmwareStatus Execute(ReverseMapTable<ContiguousGeometry> table, Step step)
    {
        SevFirmware<ContiguousGeometry> firmware = new(table); // it has no state but whether SNP_INIT was done
        PhysicalAddress page = PhysicalAddress.Create(step.Page);
        PhysicalAddress second = PhysicalAddress.Create(step.Operand.Gpa);
        const VmplPermissions Read = VmplPermissions.Read;
        return (FirmwareCommand)step.Operand.Asid switch
        {
            FirmwareCommand.GctxCreate => firmware.GctxCreate(page),
            FirmwareCommand.Decommission => firmware.Decommission(page),
            FirmwareCommand.Activate => firmware.Activate(Asid),
            FirmwareCommand.LaunchUpdate => firmware.LaunchUpdate(page, step.Mapping, new LaunchUpdateParameters(false, Read, Read, Read)),
            FirmwareCommand.SwapOut => firmware.SwapOut(page, step.Mapping),
            FirmwareCommand.SwapIn => firmware.SwapIn(page, step.Mapping, new SwapInParameters(GuestPhysicalAddress.Create(step.Operand.Gpa), true, false, (VmplPermissions)0x1F, Read, Read, (VmplPermissions)MaskOf(step.Operand.Gpa))),
            FirmwareCommand.MdInit => firmware.MdInit(page, second),
            FirmwareCommand.PageMove => firmware.PageMove(page, second, step.Mapping),
            FirmwareCommand.PageReclaim => firmware.PageReclaim(page, step.Mapping),
            FirmwareCommand.PageUnsmash => firmware.PageUnsmash(page),
            _ => firmware.Shutdown(releasesIommuPages: true),
        };
    }

    public static bool Explains(ReferenceRmp reference, Step step, ulong answer)
    {
        bool large = step.Mapping != PageSize.Size4K;
        ulong second = step.Operand.Gpa;
        ReferenceFirmwareStatus status = (FirmwareCommand)step.Operand.Asid switch
        {
            FirmwareCommand.GctxCreate => reference.GctxCreate(step.Page),
            FirmwareCommand.Decommission => reference.Decommission(step.Page),
            FirmwareCommand.Activate => reference.Activate(Asid, null),
            FirmwareCommand.LaunchUpdate => reference.LaunchUpdate(step.Page, large, false, 1, 1, 1),
            FirmwareCommand.SwapOut => reference.SwapOut(step.Page, large),
            FirmwareCommand.SwapIn => reference.SwapIn(step.Page, large, new ReferenceSwapIn { Gpa = second, Validated = true, Mask0 = 0x1F, Mask1 = 1, Mask2 = 1, Mask3 = MaskOf(second) }),
            FirmwareCommand.MdInit => reference.MdInit(step.Page, second),
            FirmwareCommand.PageMove => reference.PageMove(step.Page, second, large),
            FirmwareCommand.PageReclaim => reference.PageReclaim(step.Page, large),
            FirmwareCommand.PageUnsmash => reference.PageUnsmash(step.Page),
            _ => reference.Shutdown(iommu: true),
        };
        return (ulong)status == answer;
    }

    /// <summary>Swapped-in pages have another high quadword for each guest address, so that one of two commands shows.</summary>
    private static byte MaskOf(ulong gpa) => (byte)(gpa >> 12 & 0x1F);
}
