using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <summary>A processor with an RMP, compiled for its geometry.</summary>
/// <typeparam name="TGeometry">Where the entries are.</typeparam>
internal sealed class ScriptMachine<TGeometry> : ScriptMachine
    where TGeometry : struct, IRmpGeometry
{
    private readonly ReverseMapTable<TGeometry> _table;
    private readonly SevFirmware<TGeometry> _firmware;
    private readonly RmpOptCore _core = RmpOptCore.EnabledAt(default);
    private bool _wasEnabled;
    private ExecutionState _host = ExecutionState.Host with { SnpEnabled = false };

    internal ScriptMachine(TGeometry geometry, ProcessorModel processor)
    {
        _table = new ReverseMapTable<TGeometry>(geometry, processor);
        _firmware = new SevFirmware<TGeometry>(_table) { IsSnpEnabled = false };
    }

    private bool IsEnabled => _host.SnpEnabled;

    internal override bool TryEnable(out string? refusal)
    {
        refusal = IsEnabled ? null : MemoryNeed.OfOwnPages(_table.Geometry);
        if (refusal is not null) return false;
        if (!_wasEnabled) _table.ClaimOwnPages(); // later, what firmware has left is there
        _wasEnabled = true;
        _host = ExecutionState.Host;
        _firmware.IsSnpEnabled = true;
        return true;
    }

    internal override RmpResult RmpUpdate(PhysicalAddress page, in RmpUpdateOperand operand) => _table.RmpUpdate(_host, page, operand);

    internal override RmpResult PSmash(PhysicalAddress page) => _table.PSmash(_host, page);

    internal override GuestResult PValidate(in GuestKernel guest, in NestedPage page, PageSize size, bool validate) =>
        _table.PValidate(Executing(guest), page, size, validate);

    internal override GuestResult RmpAdjust(in GuestKernel guest, in NestedPage page, PageSize size, RmpAdjustOperand operand) =>
        _table.RmpAdjust(Executing(guest), page, size, operand);

    internal override GuestResult RmpQuery(in GuestKernel guest, in NestedPage page, byte targetVmpl, out RmpQueryOutput output) =>
        _table.RmpQuery(Executing(guest), page, targetVmpl, out output);

    internal override RmpResult RmpRead(PhysicalAddress page, out RmpReadOutput output) => _table.RmpRead(_host, page, out output);

    internal override RmpOptResult RmpOpt(PhysicalAddress address, RmpOptFunction function) =>
        _table.RmpOpt(_host, _core, address, function);

    internal override PageFaultErrorCode Host(AccessKind kind, PhysicalAddress address, PageSize mapping, bool isUser) =>
        IsEnabled ? RmpCheck.Host(_table, kind, address, mapping, isUser) : default;

    internal override GuestResult Guest(in GuestAccess access, in NestedPage page) =>
        IsEnabled ? RmpCheck.Guest(_table, access, page) : GuestResult.Success;

    internal override string? FirmwareRefusal(in FirmwareRequest request) =>
        IsEnabled && FirmwareCommands.TouchesTable(request) ? MemoryNeed.OfTable(_table.Geometry) : null;

    internal override FirmwareStatus Firmware(in FirmwareRequest request)
    {
        FirmwareStatus status = FirmwareCommands.Execute(_firmware, request);
        _host = _host with { SnpEnabled = _firmware.IsSnpEnabled };
        return status;
    }

    internal override string FirmwareText(in FirmwareRequest request) => Scripts.FirmwareText.Of(_firmware, request);

    internal override void MarkInUse(PhysicalAddress page) => _table.MarkInUse(page);

    internal override bool TryUnmarkInUse(PhysicalAddress page) => _table.TryUnmarkInUse(page);

    internal override bool TryReadRaw(PhysicalAddress page, out RmpEntry entry) => _table.TryReadRaw(page, out entry);

    internal override PageState StateOf(PhysicalAddress page) => _table.StateOf(page);

    internal override ulong AssignedPages(uint asid) => _table.AssignedPages(asid);

    public override void Dispose() => _table.Dispose();

    private ExecutionState Executing(in GuestKernel guest) => ExecutionState.Guest(guest.Asid, guest.Vmpl) with { SnpEnabled = IsEnabled };
}
