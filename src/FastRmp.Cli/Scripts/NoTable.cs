using System.Collections.Generic;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <summary>A processor without an RMP: no instruction is there, every access may happen, no page has an entry.</summary>
/// <param name="processor">The processor.</param>
internal sealed class NoTable(ProcessorModel processor) : ScriptMachine
{
    // Firmware is there, too. SNP is not enabled, so that the smallest table does for it.
    private readonly ReverseMapTable<ContiguousGeometry> _table =
        new(ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), PageSize.Size2M.Bytes()), processor);
    private SevFirmware<ContiguousGeometry>? _firmware;

    private SevFirmware<ContiguousGeometry> Sev => _firmware ??= new SevFirmware<ContiguousGeometry>(_table) { IsSnpEnabled = false };

    private readonly Dictionary<ulong, int> _inUse = [];

    internal override bool TryEnable(out string? refusal)
    {
        refusal = null;
        return false;
    }

    internal override RmpResult RmpUpdate(PhysicalAddress page, in RmpUpdateOperand operand) => RmpResult.InvalidOpcode;

    internal override RmpResult PSmash(PhysicalAddress page) => RmpResult.InvalidOpcode;

    internal override GuestResult PValidate(in GuestKernel guest, in NestedPage page, PageSize size, bool validate) =>
        GuestResult.InvalidOpcode;

    internal override GuestResult RmpAdjust(in GuestKernel guest, in NestedPage page, PageSize size, RmpAdjustOperand operand) =>
        GuestResult.InvalidOpcode;

    internal override GuestResult RmpQuery(in GuestKernel guest, in NestedPage page, byte targetVmpl, out RmpQueryOutput output)
    {
        output = default;
        return GuestResult.InvalidOpcode;
    }

    internal override RmpResult RmpRead(PhysicalAddress page, out RmpReadOutput output)
    {
        output = default;
        return RmpResult.InvalidOpcode;
    }

    internal override RmpOptResult RmpOpt(PhysicalAddress address, RmpOptFunction function) =>
        new(RmpFault.InvalidOpcode, carryFlag: false);

    internal override PageFaultErrorCode Host(AccessKind kind, PhysicalAddress address, PageSize mapping, bool isUser) => default;

    internal override GuestResult Guest(in GuestAccess access, in NestedPage page) => GuestResult.Success;

    internal override string? FirmwareRefusal(in FirmwareRequest request) => null;

    internal override FirmwareStatus Firmware(in FirmwareRequest request) => FirmwareCommands.Execute(Sev, request);

    internal override string FirmwareText(in FirmwareRequest request) => Scripts.FirmwareText.Of(Sev, request);

    internal override void MarkInUse(PhysicalAddress page) => _inUse[page.PageNumber] = _inUse.GetValueOrDefault(page.PageNumber) + 1;

    internal override bool TryUnmarkInUse(PhysicalAddress page)
    {
        int count = _inUse.GetValueOrDefault(page.PageNumber);
        if (count > 1) _inUse[page.PageNumber] = count - 1;
        else _inUse.Remove(page.PageNumber);
        return count != 0;
    }

    internal override bool TryReadRaw(PhysicalAddress page, out RmpEntry entry)
    {
        entry = default;
        return false;
    }

    internal override PageState StateOf(PhysicalAddress page) => PageState.Default;

    internal override ulong AssignedPages(uint asid) => 0;

    public override void Dispose() => _table.Dispose();
}
