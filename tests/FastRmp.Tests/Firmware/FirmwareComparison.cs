using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using FastRmp.Firmware;
using FastRmp.Reference;
using FastRmp.Tests.Rmp;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>Library and reference as one machine with firmware: every step is made in both and has to have the same outcome.</summary>
/// <remarks>
/// After every command the statuses, the platform's state and the ASIDs in use are compared; the commands themselves stand in another file.
/// </remarks>
internal sealed partial class FirmwareComparison : IDisposable
{
    private readonly FirmwareRig _rig;
    private readonly ReferenceRmp _table;
    private readonly ReferenceFirmware _reference;

    /// <summary>Pages that were contexts, and addresses at which metadata entries were, at some time.</summary>
    private readonly HashSet<ulong> _contexts = [];
    private readonly HashSet<ulong> _entries = [];

    public FirmwareComparison(ProcessorModel processor, ModelChoices choices)
    {
        _rig = new FirmwareRig(choices, processor, isInitialized: false);
        _table = new ReferenceRmp(ModelPair.Plain(processor), ModelPair.Plain(choices), OwnStart, OwnEnd);
        _reference = new ReferenceFirmware(_table, new ReferencePlatform { CoreComplexes = 2, HighestAsid = processor.MaxAsid });
        SetMachine(new FirmwareMachine { CoreComplexes = 2 });
        _rig.Table.ClaimOwnPages();
        _table.Enable();
    }

    private SevFirmware<ContiguousGeometry> Firmware => _rig.Firmware;

    public bool IsInitialized => _reference.IsInitialized;

    public void Dispose() => _rig.Dispose();

    public RmpEntry Raw(ulong page) => _rig.Raw(page);

    /// <summary>The state that firmware sees, by the page's own entry.</summary>
    public PageState State(ulong page) => _rig.Raw(page).State;

    public ReferenceGuest GuestAt(ulong page) => _reference.GuestAt(page);

    /// <summary>Gives both the same machine to run on.</summary>
    public void SetMachine(FirmwareMachine machine)
    {
        Firmware.Machine = machine;
        // ASEG always, and what a processor keeps for itself below the top of its addresses.
        List<ReferenceRange> forbidden =
        [
            new(0xA_0000, 0xB_FFFF), new((1UL << machine.PhysicalAddressBits) - (12UL << 30), (1UL << machine.PhysicalAddressBits) - 1),
        ];
        forbidden.AddRange(Plain(machine.Protected));
        if (machine.ChecksTseg && machine.Tseg.Length != 0) forbidden.Add(Plain(machine.Tseg));
        _reference.Platform = _reference.Platform with
        {
            Dram = Plain(machine.Dram),
            Tseg = machine.Tseg.Length == 0 ? null : Plain(machine.Tseg),
            Aseg = machine.IsAsegEnabled ? new ReferenceRange(0xA_0000, 0xB_FFFF) : null,
            Forbidden = forbidden,
            IommuBuffers = Plain(machine.IommuBuffers),
            IommuIsReady = machine.AreIommusReady,
            CoresAreConfigured = machine.IsMfdmEnabled && machine.IsVmplEnabled && machine.IsMemoryEncryptionEnabled && machine.IsSmmLocked,
            BoundsAreEqual = machine.AreRmpBoundsEqual,
            RawBase = machine.RmpBase,
            RawEnd = machine.RmpEnd,
            SaveAreaIsClear = machine.IsHostSaveAreaClear,
            WantsNewTable = machine.IsTcbChanged,
            SupportsX86Shutdown = machine.SupportsX86Shutdown,
            FailsX86Shutdown = machine.FailsX86Shutdown,
            Sockets = machine.Sockets,
            HasSmt = machine.IsSmtEnabled,
            AbiVersion = (machine.AbiMajor << 8) | machine.AbiMinor,
            EncryptionBit = machine.EncryptionBit,
            AddressBits = machine.PhysicalAddressBits,
        };
    }

    public bool Update(ulong page, RmpUpdateOperand operand)
    {
        RmpResult result = _rig.Update(page, operand);
        return Same(_table.Update(ModelPair.Plain(ExecutionState.Host), page, ModelPair.Plain(operand)), result);
    }

    public bool Smash(ulong page) =>
        Same(_table.PSmash(ModelPair.Plain(ExecutionState.Host), page), _rig.Table.PSmash(ExecutionState.Host, At(page)));

    public void Validate(uint asid, ulong page, ulong gpa, bool isLarge, bool validate)
    {
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        ExecutionState guest = ExecutionState.Host with { Asid = asid, IsSnpGuest = true };
        GuestResult result = _rig.Table.PValidate(guest, new NestedPage(GuestPhysicalAddress.Create(gpa), At(page), size), size, validate);
        ReferenceTranslation place = new(gpa, page, (ReferencePageSize)(int)size);
        ReferenceValidateResult expected = _table.PValidate(ReferenceExecution.Guest(asid, 0), place, isLarge, validate);
        Assert.Equal((int)expected.Result.Code, (int)result.Status);
        Assert.Equal(expected.CarryFlag, result.CarryFlag);
    }

    /// <summary>Sets SNP_EN again, as software does after firmware has cleared it.</summary>
    public void Enable()
    {
        Firmware.IsSnpEnabled = true;
        _table.SetEnabled(true);
    }

    public void CompareEntry(ulong page)
    {
        RmpEntry entry = _rig.Raw(page);
        ReferenceEntry expected = _table.Read(page);
        if (entry.Low != expected.ToLow() || entry.High != expected.ToHigh())
        {
            Assert.Fail(
                $"entry of 0x{page:x}: 0x{entry.Low:x16} 0x{entry.High:x}, expected 0x{expected.ToLow():x16} 0x{expected.ToHigh():x}");
        }

        if ((int)_rig.State(page) != (int)_table.StateOf(page))
        {
            Assert.Fail($"state of 0x{page:x}: {_rig.State(page)}, expected {_table.StateOf(page)}");
        }
    }

    public void Compare(ulong first, ulong end)
    {
        for (ulong page = first; page < end; page += 0x1000)
        {
            CompareEntry(page);
        }
    }

    public void CompareCounters()
    {
        for (uint asid = 0; asid < 2048; asid++)
        {
            ulong expected = (ulong)_table.Counter(asid);
            if (_rig.Table.AssignedPages(asid) != expected)
            {
                Assert.Fail($"counter of ASID {asid}: {_rig.Table.AssignedPages(asid)}, expected {expected}");
            }
        }
    }

    /// <summary>Contexts, metadata entries, and all ASIDs: after each command only those that are in use are compared.</summary>
    public void CompareMemory()
    {
        CompareAsids(1, _reference.Platform.HighestAsid);
        foreach (ulong page in _contexts)
        {
            _ = Firmware.TryGetGuestContext(At(page), out GuestContext context);
            Assert.Equal(_reference.GuestAt(page), Plain(context));
        }

        foreach (ulong entry in _entries)
        {
            _ = Firmware.TryGetMetadata(At(entry), out MetadataEntry content);
            Assert.Equal(_reference.MetadataAt(entry), Plain(content));
        }
    }

    private void ComparePlatform()
    {
        PlatformState platform = Firmware.Platform;
        PlatformState expected = new()
        {
            IsSnpInitialized = _reference.IsInitialized,
            Sev = (SevPlatformState)(byte)_reference.Legacy,
            IsRmpInitialized = _reference.IsRmpInitialized,
            IsIommuEnforced = _reference.IsIommuEnforced,
            Guests = (uint)_reference.GuestCount,
            FlushedCoreComplexes = (ushort)_reference.Flushed,
            IsSnpEnabled = _table.IsEnabled,
        };
        if (platform != expected) Assert.Fail($"{platform}, expected {expected}");
        CompareAsids(1, 8);
    }

    private void CompareAsids(uint first, uint last)
    {
        for (uint asid = first; asid <= last; asid++)
        {
            ReferenceAsid state = _reference.AsidState(asid);
            AsidState actual = Firmware.AsidStateOf(asid);
            bool same = actual.Dirty == state.Dirty && actual.Clean == state.Clean && actual.Allocated == state.Allocated
                && actual.Used == state.Used;
            if (!same) Assert.Fail($"ASID {asid}: {actual}, expected {state}");
        }
    }

    private static ReferenceGuest Plain(GuestContext context) => new()
    {
        State = (ReferenceGuestState)(byte)context.State,
        Asid = context.Asid,
        CoreComplexes = context.CoreComplexes,
        IsActive = (context.Flags & GuestFlags.Active) != 0,
        IsEs = (context.Flags & GuestFlags.EncryptedState) != 0,
        IsPending = (context.Flags & GuestFlags.ActivationPending) != 0,
        IsMigrationImage = context.IsMigrationImage,
        Policy = context.Policy.Value,
        MigrationAgent = context.MigrationAgent,
        Vectors = context.IvCount,
        Root = Plain(context.Root),
    };

    private static ReferenceMetadata Plain(MetadataEntry entry) => new()
    {
        Software = entry.SoftwareData,
        Vector = entry.Iv,
        IsValid = entry.IsValid,
        Validated = entry.IsValidated,
        Vmsa = entry.IsVmsa,
        IsMetadata = entry.IsMetadata,
        Large = entry.Size == PageSize.Size2M,
        GpaPage = entry.GuestPage,
        High = entry.Permissions,
    };

    private static ReferenceRange Plain(PhysicalRange range) => new(range.Start.Value, range.Start.Value + range.Length - 1);

    private static List<ReferenceRange> Plain(IEnumerable<PhysicalRange> ranges)
    {
        List<ReferenceRange> plain = [];
        foreach (PhysicalRange range in ranges)
        {
            plain.Add(Plain(range));
        }

        return plain;
    }

    private bool Same(ReferenceFirmwareStatus expected, FirmwareStatus status, [CallerMemberName] string command = "")
    {
        if ((int)expected != (int)status) Assert.Fail($"{command}: {status.Name()}, expected {expected}");
        ComparePlatform();
        return status == FirmwareStatus.Success;
    }

    private static bool Same(ReferenceResult expected, RmpResult result)
    {
        if ((int)result.Fault != (int)expected.Fault || (int)result.Status != (int)expected.Code)
        {
            Assert.Fail($"{result}, expected {expected}");
        }

        return result.IsSuccess;
    }
}
