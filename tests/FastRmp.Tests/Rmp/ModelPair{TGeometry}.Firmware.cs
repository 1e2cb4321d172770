using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Layouts;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <content>Firmware's commands; each returns the number of its status.</content>
internal partial class ModelPair<TGeometry>
{
    private SevFirmware<TGeometry>? _firmware;

    private SevFirmware<TGeometry> Firmware => _firmware ??= new SevFirmware<TGeometry>(Table);

    public int GctxCreate(ulong page) => Same(Enabled().GctxCreate(At(page)), Reference.GctxCreate(page));

    public int Decommission(ulong page) => Same(Enabled().Decommission(At(page)), Reference.Decommission(page));

    public int Activate(uint asid, ulong? context) => Same(
        context is ulong page ? Enabled().Activate(asid, At(page)) : Enabled().Activate(asid), Reference.Activate(asid, context));

    public int LaunchUpdate(ulong page, PageSize size, bool vmsa, byte mask1, byte mask2, byte mask3) => Same(
        Enabled().LaunchUpdate(At(page), size, new LaunchUpdateParameters(vmsa, (VmplPermissions)mask1, (VmplPermissions)mask2, (VmplPermissions)mask3)),
        Reference.LaunchUpdate(page, size == PageSize.Size2M, vmsa, mask1, mask2, mask3));

    public int SwapOut(ulong page, PageSize size) => Same(Enabled().SwapOut(At(page), size), Reference.SwapOut(page, size == PageSize.Size2M));

    /// <param name="page">The page.</param>
    /// <param name="size">Its size.</param>
    /// <param name="gpa">Its guest physical address.</param>
    /// <param name="validated">Whether it was validated.</param>
    /// <param name="vmsa">Whether it is a save area.</param>
    /// <param name="masks">Four masks, VMPL0 lowest.</param>
    public int SwapIn(ulong page, PageSize size, ulong gpa, bool validated, bool vmsa, ulong masks)
    {
        SwapInParameters parameters = new(
            GuestPhysicalAddress.Create(gpa), validated, vmsa, (VmplPermissions)(byte)masks, (VmplPermissions)(byte)(masks >> 8), (VmplPermissions)(byte)(masks >> 16), (VmplPermissions)(byte)(masks >> 24));
        ReferenceSwapIn plain = new()
        {
            Gpa = gpa,
            Validated = validated,
            Vmsa = vmsa,
            Mask0 = (byte)masks,
            Mask1 = (byte)(masks >> 8),
            Mask2 = (byte)(masks >> 16),
            Mask3 = (byte)(masks >> 24),
        };
        return Same(Enabled().SwapIn(At(page), size, parameters), Reference.SwapIn(page, size == PageSize.Size2M, plain));
    }

    public int SwapInMetadata(ulong page, ulong context) => Same(Enabled().SwapInMetadata(At(page), At(context)), Reference.SwapInMetadata(page, context));

    public int PageMove(ulong source, ulong destination, PageSize size) => Same(
        Enabled().PageMove(At(source), At(destination), size), Reference.PageMove(source, destination, size == PageSize.Size2M));

    public int MdInit(ulong page, ulong context) => Same(Enabled().MdInit(At(page), At(context)), Reference.MdInit(page, context));

    public int PageSetState(ulong page, ulong pages) => Same(Enabled().PageSetState(At(page), pages), Reference.PageSetState(page, pages));

    public int PageReclaim(ulong page, PageSize size) => Same(Enabled().PageReclaim(At(page), size), Reference.PageReclaim(page, size == PageSize.Size2M));

    public int PageUnsmash(ulong page) => Same(Enabled().PageUnsmash(At(page)), Reference.PageUnsmash(page));

    public int Shutdown(bool iommu) => Same(Enabled().Shutdown(iommu), Reference.Shutdown(iommu));

    /// <summary>SNP_INIT of a machine with memory wherever the RMP covers it, with one fixed range and one log of an IOMMU.</summary>
    public int SnpInit(PhysicalRange fixedRange, PhysicalRange iommu)
    {
        SnpInitParameters parameters = new() { Fixed = [fixedRange], Iommu = [iommu] };
        ReferenceInitList plain = new() { Fixed = [Plain(fixedRange)], Iommu = [Plain(iommu)] };
        int status = Same(Enabled().SnpInit(parameters), Reference.SnpInit(plain));
        if (status == 0) _moving.Clear();
        return status;
    }

    /// <summary>Whether an entry of the region around an address was poked in motion.</summary>
    public bool IsMoving(ulong address)
    {
        foreach (ulong page in _moving)
        {
            if (page >> 9 == address >> 21) return true;
        }

        return false;
    }

    private static PhysicalAddress At(ulong page) => PhysicalAddress.Create(page);

    private static ReferenceRange Plain(PhysicalRange range) => new(range.Start.Value, range.End - 1);

    private SevFirmware<TGeometry> Enabled()
    {
        Firmware.IsSnpEnabled = Reference.IsEnabled;
        return Firmware;
    }

    private static int Same(FirmwareStatus status, ReferenceFirmwareStatus expected)
    {
        if ((int)status != (int)expected) Assert.Fail($"{status}, expected {expected}");
        return (int)status;
    }
}
