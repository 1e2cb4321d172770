using FastRmp.Reference;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>Runs operations in a <see cref="ModelPair{TGeometry}"/>, and compares all of the state after each.</summary>
/// <typeparam name="TGeometry">Where the entries of the table under test stand.</typeparam>
internal sealed partial class Runner<TGeometry> : IModels
    where TGeometry : struct, IRmpGeometry
{
    private const int FullCompare = 1024;
    private const ulong Assigned = 0x1;
    private const ulong Large = 0x2;
    private const ulong Immutable = 0x4;
    private const ulong Count = 0xFF8;
    private const ulong IommuGpa = 0x0002_0000_0000_1000;
    private const ulong AsidBits = 0x1FF8_0000_0000_0000;
    private const ulong InUseAsidBits = 0x1FF0_0000_0000_0000;
    private const ulong Lock = 0x8000_0000_0000_0000;

    private readonly ModelPair<TGeometry> _pair;
    private readonly ReferenceGeometry _plain;
    private readonly WholeTable<TGeometry> _whole;
    private readonly WholeMarks<TGeometry> _marks;
    private int _steps;

    public Runner(TGeometry geometry, ReferenceGeometry plain, ProcessorModel processor, ModelChoices choices, bool enable)
    {
        _pair = new ModelPair<TGeometry>(geometry, plain, processor, choices);
        _plain = plain;
        if (enable) _pair.Enable();
        _whole = new WholeTable<TGeometry>(_pair);
        _marks = new WholeMarks<TGeometry>(_pair);
        if (!processor.HasRmpOpt) return;
        _pair.AddCore(0, enabled: true);
        _pair.AddCore(0x4000_0000, enabled: true);
        _pair.AddCore(0, enabled: false);
    }

    public ProcessorModel Processor => _pair.Table.Processor;

    public ModelChoices Choices => _pair.Table.Choices;

    public OutcomeCounts OutcomeCounts { get; } = new();

    public ModelPair<TGeometry> Pair => _pair;

    public void Dispose()
    {
        _whole.Dispose();
        _pair.Dispose();
    }

    public RmpEntry Entry(ulong page) => IsCovered(page) ? _pair.Raw(page) : default;

    public bool IsCovered(ulong page) => _pair.Table.IsCovered(PhysicalAddress.Create(page));

    public void CompareAll()
    {
        _pair.CompareAll();
        _whole.CompareAnew();
    }

    /// <summary>Every entry, every counter, every bit of RMPOPT and every in-use count.</summary>
    public void CompareWhole()
    {
        _whole.Compare();
        _marks.Compare();
        if (_steps++ % FullCompare == 0) CompareAll();
    }

    public void Run(in Operation operation)
    {
        int outcome = operation.Kind switch
        {
            >= OperationKind.GctxCreate and <= OperationKind.SnpInit => Command(operation),
            >= OperationKind.Poke => Composite(operation),
            >= OperationKind.Host => Check(operation),
            _ => Instruction(operation),
        };
        OutcomeCounts.Add(operation.Kind, outcome);
        CompareWhole();
    }

    private int Instruction(in Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Update:
                RmpResult updated = _pair.Update(operation.State, operation.Spa, operation.UpdateOperand);
                return OutcomeCounts.Of(updated.Fault, updated.Status);
            case OperationKind.Smash:
                RmpResult smashed = _pair.Smash(operation.State, operation.Spa);
                return OutcomeCounts.Of(smashed.Fault, smashed.Status);
            case OperationKind.Validate:
                GuestResult validated = _pair.Validate(operation.State, operation.Translation, operation.Size, operation.Flag);
                return OutcomeCounts.Of(validated.Fault, validated.Status, validated.CarryFlag);
            case OperationKind.Adjust:
                GuestResult adjusted = _pair.Adjust(
                    operation.State, operation.Translation, operation.Size, new RmpAdjustOperand(operation.Low));
                return OutcomeCounts.Of(adjusted.Fault, adjusted.Status);
            case OperationKind.Query:
                GuestResult asked = _pair.Query(operation.State, operation.Translation, operation.Which, out _);
                return OutcomeCounts.Of(asked.Fault, asked.Status);
            case OperationKind.Read:
                RmpResult read = _pair.Read(operation.State, operation.Spa, out _);
                return OutcomeCounts.Of(read.Fault, read.Status);
            default:
                if (_pair.Cores == 0) return 0;
                RmpOptResult optimized = _pair.Opt(operation.State, operation.Which, operation.Spa, operation.Flag);
                return OutcomeCounts.Of(optimized.Fault, RmpStatus.Success, optimized.CarryFlag);
        }
    }

    private int Check(in Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Host:
                return _pair.HostAccess((AccessKind)operation.Which, operation.Spa, operation.Mapping, operation.Flag) == 0
                    ? 0
                    : OutcomeCounts.Fault;
            case OperationKind.Guest:
                GuestResult result = _pair.GuestAccess(operation.Access, operation.Translation);
                return OutcomeCounts.Of(result.Fault, result.Status);
            case OperationKind.Device:
                return _pair.Device(operation.Spa, operation.Mapping) ? 0 : 1;
            case OperationKind.IommuLog:
                return _pair.IommuLog(operation.Spa) ? 0 : 1;
            case OperationKind.FirmwareBuffer:
                return _pair.FirmwareBuffer(operation.Spa) ? 0 : 1;
            case OperationKind.VmRun:
                return (int)_pair.VmRun((VmRunPage)operation.Which, operation.Spa, operation.State.Asid, operation.Gpa, operation.Flag);
            case OperationKind.InUse:
                _pair.MarkInUse(operation.Spa, operation.Flag);
                return operation.Flag ? 0 : 1;
            default:
                return (int)_pair.StateOf(operation.Spa);
        }
    }
}
