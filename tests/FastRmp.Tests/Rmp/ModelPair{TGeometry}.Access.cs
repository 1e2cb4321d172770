using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <content>The checks of every actor, in-use pages and page states.</content>
internal partial class ModelPair<TGeometry>
{
    /// <summary>One host access.</summary>
    /// <returns>The error code of #PF, or 0.</returns>
    public ulong HostAccess(AccessKind kind, ulong address, PageSize mapping, bool user)
    {
        ulong code = RmpCheck.Host(Table, kind, PhysicalAddress.Create(address), mapping, user).Value;
        ulong expected = Reference.HostAccess((ReferenceAccessKind)kind, address, (ReferencePageSize)(int)mapping, user) ?? 0;
        if (code != expected) Assert.Fail($"0x{code:x}, expected 0x{expected:x}");
        return code;
    }

    /// <summary>One host access of every kind, in both models.</summary>
    public void CompareAccess(ulong address, PageSize mapping, bool user)
    {
        ReferencePageSize size = (ReferencePageSize)(int)mapping;
        PhysicalAddress target = PhysicalAddress.Create(address);
        for (int kind = 0; kind < 3; kind++)
        {
            HostAccess((AccessKind)kind, address, mapping, user);
        }

        bool walker = new HostRmpCheck<TGeometry>(Table).MayUseEntry(target, writes: true);
        bool mayWalk = Reference.HostAccess(ReferenceAccessKind.PageTable, address, size, user) is null;
        if (walker != mayWalk) Assert.Fail($"walker's write to 0x{address:x}: {walker}, expected {mayWalk}");
        if (Table.IsHypervisorOwned(target, mapping) != Reference.HostMayWrite(address, size))
        {
            Assert.Fail($"Hypervisor-Owned of 0x{address:x} through {mapping} differs");
        }
    }

    /// <summary>One access of a guest, SNP or not.</summary>
    public GuestResult GuestAccess(GuestAccess access, NestedPage page)
    {
        GuestResult result = RmpCheck.Guest(Table, access, page);
        ReferenceGuestAccess plain = new()
        {
            Kind = (ReferenceAccessKind)access.Kind,
            Asid = access.Asid,
            Vmpl = access.Vmpl,
            Cpl = access.Cpl,
            IsPrivate = access.IsPrivate,
            Gpa = page.Gpa.Value,
            Spa = page.Spa.Value,
            MappingSize = (ReferencePageSize)(int)page.NestedSize,
        };
        ReferenceAccessResult expected = access.IsSnpGuest ? Reference.SnpGuestAccess(plain) : Reference.PlainGuestAccess(plain);
        RequireSame(ReferenceResult.Faulted(expected.Fault, expected.ErrorCode), result);
        return result;
    }

    public bool Device(ulong address, PageSize mapping) => RequireSame(
        Reference.DeviceMayAccess(address, (ReferencePageSize)(int)mapping),
        RmpCheck.Device(Table, AccessKind.Write, PhysicalAddress.Create(address), mapping));

    public bool IommuLog(ulong address) =>
        RequireSame(Reference.IommuMayLog(address), RmpCheck.IommuLog(Table, PhysicalAddress.Create(address)));

    public bool FirmwareBuffer(ulong address) =>
        RequireSame(Reference.FirmwareMayWrite(address), RmpCheck.FirmwareBuffer(Table, PhysicalAddress.Create(address)));

    /// <summary>VMRUN's check of one page; entering marks it as in use.</summary>
    public VmRunResult VmRun(VmRunPage kind, ulong page, uint asid, ulong gpa, bool enter)
    {
        PhysicalAddress target = PhysicalAddress.Create(page);
        GuestPhysicalAddress where = GuestPhysicalAddress.Create(gpa);
        enter &= kind != VmRunPage.HostSaveArea; // WRMSR marks nothing
        VmRunResult result = enter ? RmpCheck.EnterVm(Table, kind, target, asid, where) : RmpCheck.VmRun(Table, kind, target, asid, where);
        if (_moving.Contains(page / ModelPair.PageBytes))
        {
            Assert.Equal(VmRunResult.Contended, result);
            return result;
        }

        int expected = Expected(kind, page, asid, gpa);
        if (expected != (int)result) Assert.Fail($"{result}, expected {expected}");
        if (enter && expected == 0) Reference.TakeInUse(page);
        return result;
    }

    /// <summary>One reference to a page more, or one less.</summary>
    public void MarkInUse(ulong page, bool more)
    {
        PhysicalAddress target = PhysicalAddress.Create(page);
        if (more)
        {
            Table.MarkInUse(target);
            Reference.TakeInUse(page);
        }
        else
        {
            bool used = Reference.InUseCount(page) > 0;
            if (used) Reference.DropInUse(page);
            RequireSame(used, Table.TryUnmarkInUse(target));
        }

        bool isMarked = Reference.Geometry.IsCovered(page) && Reference.Read(page).IsInUseVmsa;
        RequireSame(Reference.InUseCount(page) > 0 || isMarked, Table.IsInUse(target));
    }

    public PageState StateOf(ulong page)
    {
        PageState state = Table.StateOf(PhysicalAddress.Create(page));
        ReferencePageState expected = Reference.StateOf(page);
        if ((int)state != (int)expected) Assert.Fail($"{state}, expected {expected}");
        Assert.Equal(ReferencePageStates.NameOf(expected), state.Name());
        return state;
    }

    // The reference asks all pages of a VMRUN at once; a page that is not covered is the host's, so that one at a time can be asked.
    private int Expected(VmRunPage kind, ulong page, uint asid, ulong gpa)
    {
        const ulong Hosts = 1UL << 52;
        if (kind == VmRunPage.HostSaveArea) return (int)Reference.CheckHostSaveArea(page) == 0 ? 0 : (int)VmRunResult.GeneralProtection;
        ReferenceVmrun pages = new()
        {
            Vmcb = kind == VmRunPage.Vmcb ? page : Hosts,
            AvicBacking = kind == VmRunPage.AvicBackingPage ? page : null,
            Vmsa = kind is VmRunPage.SharedVmsa or VmRunPage.SnpVmsa ? page : null,
            IsSnpGuest = kind == VmRunPage.SnpVmsa,
            Asid = asid,
            VmsaGpa = gpa,
        };
        return (int)Reference.CheckVmrun(pages);
    }

    private static bool RequireSame(bool expected, bool actual)
    {
        if (expected != actual) Assert.Fail($"{actual}, expected {expected}");
        return actual;
    }
}
