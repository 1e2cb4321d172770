using System;
using System.Collections.Generic;
using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Layouts;
using FastRmp.Model;
using FastRmp.Reference;
using FastRmp.Rmp;
using FastRmp.Tests.Rmp;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>Library and reference as one machine with firmware: every step is made in both and has to have the same outcome.</summary>
internal sealed class FirmwareDuel : IDisposable
{

    private readonly FirmwareRig _rig;
    private readonly ReferenceRmp _reference;

    // Where ASID 0 is counted, the library counts the pages that firmware made its own, so that a later release has something to lower.

    public FirmwareDuel(ProcessorModel processor, ModelChoices choices)
    {
        _rig = new FirmwareRig(choices, processor);
        _reference = new ReferenceRmp(ModelPair.Plain(processor), ModelPair.Plain(choices), OwnStart, OwnEnd);
        _rig.Table.ClaimOwnPages();
        _reference.Enable();
    }

    private SevFirmware<ContiguousGeometry> Firmware => _rig.Firmware;

    public void Dispose() => _rig.Dispose();

    public RmpEntry Raw(ulong page) => _rig.Raw(page);

    public PageState State(ulong page) => _rig.State(page);

    public bool Update(ulong page, RmpUpdateOperand operand)
    {
        RmpResult result = _rig.Update(page, operand);
        return Same(_reference.Update(ModelPair.Plain(ExecutionState.Host), page, ModelPair.Plain(operand)), result);
    }

    public bool Smash(ulong page) =>
        Same(_reference.PSmash(ModelPair.Plain(ExecutionState.Host), page), _rig.Table.PSmash(ExecutionState.Host, At(page)));

    public void Validate(uint asid, ulong page, ulong gpa, bool isLarge, bool validate)
    {
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        ExecutionState guest = ExecutionState.Host with { Asid = asid, IsSnpGuest = true };
        GuestResult result = _rig.Table.PValidate(guest, new NestedTranslation(GuestPhysicalAddress.Create(gpa), At(page), size), size, validate);
        ReferenceTranslation place = new(gpa, page, (ReferencePageSize)(int)size);
        ReferenceValidateResult expected = _reference.PValidate(ReferenceExecution.Guest(asid, 0), place, isLarge, validate);
        Assert.Equal((int)expected.Result.Code, (int)result.Status);
        Assert.Equal(expected.CarryFlag, result.CarryFlag);
    }

    public bool GctxCreate(ulong page) => Same(_reference.GctxCreate(page), Firmware.GctxCreate(At(page)));

    public bool Decommission(ulong page) => Same(_reference.Decommission(page), Firmware.Decommission(At(page)));

    public bool Activate(uint asid, ulong? context) => Same(
        _reference.Activate(asid, context), context is { } page ? Firmware.Activate(asid, At(page)) : Firmware.Activate(asid));

    public bool LaunchUpdate(ulong page, PageSize size, bool vmsa, byte mask1, byte mask2, byte mask3) => Same(
        _reference.LaunchUpdate(page, size == PageSize.Size2M, vmsa, mask1, mask2, mask3),
        Firmware.LaunchUpdate(At(page), size, new LaunchUpdateParameters(vmsa, (VmplPermissions)mask1, (VmplPermissions)mask2, (VmplPermissions)mask3)));

    public bool SwapOut(ulong page, PageSize size) => Same(_reference.SwapOut(page, size == PageSize.Size2M), Firmware.SwapOut(At(page), size));

    public bool SwapIn(ulong page, PageSize size, ReferenceSwapIn parameters) => Same(
        _reference.SwapIn(page, size == PageSize.Size2M, parameters),
        Firmware.SwapIn(At(page), size, new SwapInParameters(
            GuestPhysicalAddress.Create(parameters.Gpa), parameters.Validated, parameters.Vmsa,
            (VmplPermissions)parameters.Mask0, (VmplPermissions)parameters.Mask1, (VmplPermissions)parameters.Mask2, (VmplPermissions)parameters.Mask3)));

    public bool SwapInMetadata(ulong page, ulong context) => Same(_reference.SwapInMetadata(page, context), Firmware.SwapInMetadata(At(page), At(context)));

    public bool MdInit(ulong page, ulong context) => Same(_reference.MdInit(page, context), Firmware.MdInit(At(page), At(context)));

    public bool PageMove(ulong source, ulong destination, PageSize size) => Same(
        _reference.PageMove(source, destination, size == PageSize.Size2M), Firmware.PageMove(At(source), At(destination), size));

    public bool PageReclaim(ulong page, PageSize size) => Same(_reference.PageReclaim(page, size == PageSize.Size2M), Firmware.PageReclaim(At(page), size));

    public bool PageUnsmash(ulong page) => Same(_reference.PageUnsmash(page), Firmware.PageUnsmash(At(page)));

    public bool PageSetState(ulong page, ulong pages) => Same(_reference.PageSetState(page, pages), Firmware.PageSetState(At(page), pages));

    public bool Shutdown(bool iommu) => Same(_reference.Shutdown(iommu), Firmware.Shutdown(iommu));

    /// <summary>SNP_INIT with ranges of whole pages, given by first and last byte.</summary>
    public bool SnpInit(ReferenceInitList list)
    {
        SnpInitParameters parameters = new()
        {
            Dram = Ranges(list.Dram),
            Fixed = Ranges(list.Fixed),
            Iommu = Ranges(list.Iommu),
            Tseg = list.Tseg is { } tseg ? Range(tseg.First, tseg.Last) : default,
            Aseg = list.Aseg is { } aseg ? Range(aseg.First, aseg.Last) : default,
        };
        return Same(_reference.SnpInit(list), Firmware.SnpInit(parameters));
    }

    public void CompareEntry(ulong page)
    {
        RmpEntry entry = _rig.Raw(page);
        ReferenceEntry expected = _reference.Read(page);
        if (entry.Low != expected.ToLow() || entry.High != expected.ToHigh())
        {
            Assert.Fail($"entry of 0x{page:x}: 0x{entry.Low:x16} 0x{entry.High:x}, expected 0x{expected.ToLow():x16} 0x{expected.ToHigh():x}");
        }

        if ((int)_rig.State(page) != (int)_reference.StateOf(page)) Assert.Fail($"state of 0x{page:x}: {_rig.State(page)}, expected {_reference.StateOf(page)}");
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
            ulong expected = (ulong)_reference.Counter(asid);
            if (_rig.Table.AssignedPages(asid) != expected) Assert.Fail($"counter of ASID {asid}: {_rig.Table.AssignedPages(asid)}, expected {expected}");
        }
    }

    private static PhysicalRange[] Ranges(IReadOnlyList<ReferenceRange> list)
    {
        PhysicalRange[] ranges = new PhysicalRange[list.Count];
        for (int i = 0; i < ranges.Length; i++)
        {
            ranges[i] = Range(list[i].First, list[i].Last);
        }

        return ranges;
    }

    private static bool Same(ReferenceFirmwareStatus expected, FirmwareStatus status)
    {
        if ((int)expected != (int)status) Assert.Fail($"{status.Name()}, expected {expected}");
        return status == FirmwareStatus.Success;
    }

    private static bool Same(ReferenceResult expected, RmpResult result)
    {
        if ((int)result.Fault != (int)expected.Fault || (int)result.Status != (int)expected.Code) Assert.Fail($"{result}, expected {expected}");
        return result.IsSuccess;
    }
}
