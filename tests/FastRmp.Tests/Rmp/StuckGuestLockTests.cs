using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>
/// A thread that died inside an instruction, seen by guests and by what only reads: spurious faults where it died, and nowhere else.
/// </summary>
public sealed class StuckGuestLockTests
{
    private const ulong R = 0x20_0000;
    private const ulong S = R + 0x5000;
    private const ulong Neighbour = R + 0x6000;
    private const ulong Gpa = 0x4000_0000;
    private const ulong LockBit = 0x8000_0000_0000_0000;
    private const ulong GuestPage = 0x4028_0000_0000_0001; // Guest-Valid of ASID 5, without its GPA
    private const ulong SpuriousFault = 0x4_8000_0005;

    [Fact]
    public void A_locked_page_gives_its_guest_spurious_faults_and_its_neighbour_works()
    {
        using ReverseMapTable<ContiguousGeometry> table = Make();
        Poke(table, S, GuestPage | (Gpa + 0x5000) | LockBit);
        Poke(table, Neighbour, GuestPage | (Gpa + 0x6000));
        Poke(table, R, 0x10);
        foreach (GuestResult result in (GuestResult[])[Validate(table, S), Adjust(table, S), Query(table, S)])
        {
            Assert.True(result.IsContention);
            Assert.Equal(SpuriousFault, result.ExitInfo1.Value);
        }

        GuestResult touch = Touch(table, S);
        Assert.True(touch.IsContention);
        Assert.Equal(0x5_8000_0007UL, touch.ExitInfo1.Value);
        Assert.Equal(VmRunResult.Contended, RmpCheck.EnterVm(table, VmRunPage.SnpVmsa, At(S), 5, Guest(S)));
        Assert.False(table.IsInUse(At(S)));
        Assert.Equal(RmpResult.Contended(RmpStatus.FailInUse), table.RmpRead(ExecutionState.Host, At(S), out _));

        Assert.True(Validate(table, Neighbour).CarryFlag);
        Assert.True(Query(table, Neighbour).IsSuccess);
        Assert.True(table.RmpRead(ExecutionState.Host, At(Neighbour), out _).IsSuccess);
        Assert.Equal(GuestPage | (Gpa + 0x5000) | LockBit, table.Region(At(R))[5].Low); // nobody waited for it or broke it open
    }

    [Fact]
    public void A_page_that_the_hypervisor_left_locked_is_not_entered()
    {
        using ReverseMapTable<ContiguousGeometry> table = Make();
        Poke(table, S, LockBit);
        Assert.Equal(VmRunResult.Contended, RmpCheck.EnterVm(table, VmRunPage.Vmcb, At(S), 0, default));
        Assert.False(table.IsInUse(At(S)));
        Assert.Equal(VmRunResult.Ok, RmpCheck.EnterVm(table, VmRunPage.Vmcb, At(Neighbour), 0, default));
        Assert.True(table.IsInUse(At(Neighbour)));
        Assert.True(RmpCheck.ExitVm(table, At(Neighbour)));
        Assert.False(RmpCheck.ExitVm(table, At(Neighbour)));
        Assert.Throws<System.ArgumentOutOfRangeException>(() => RmpCheck.EnterVm(table, VmRunPage.HostSaveArea, At(Neighbour), 0, default));
    }

    [Fact]
    public void A_frozen_large_page_gives_spurious_faults()
    {
        using ReverseMapTable<ContiguousGeometry> table = Make();
        Poke(table, R, 0x5FF8_0000_4000_0003);
        NestedPage page = new(GuestPhysicalAddress.Create(Gpa), At(R), PageSize.Size2M);
        Assert.True(table.PValidate(ExecutionState.Guest(5), page, PageSize.Size2M, validate: true).IsContention);
        Assert.True(table.RmpQuery(ExecutionState.Guest(5), page, 1, out _).IsContention);
        Assert.True(RmpCheck.Guest(table, new GuestAccess(5, 0, 0, GuestAccessKind.Read, IsPrivate: true), page).IsContention);
    }

    [Fact]
    public void A_lock_that_stays_keeps_RMPOPT_from_skipping_checks_in_its_gigabyte_only()
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 2UL << 30);
        using ReverseMapTable<ContiguousGeometry> table = new(
            geometry, ProcessorModel.Venice, ModelChoices.Default with { RmpOptOnContiguous = true });
        RmpOptCore core = RmpOptCore.EnabledAt(default);
        Poke(table, S, LockBit);
        Assert.Equal(
            new RmpOptResult(RmpFault.None, carryFlag: false, isContention: true),
            table.RmpOpt(ExecutionState.Host, core, At(S), RmpOptFunction.VerifyAndReport));
        Assert.Equal(
            new RmpOptResult(RmpFault.None, carryFlag: true),
            table.RmpOpt(ExecutionState.Host, core, At(1UL << 30), RmpOptFunction.VerifyAndReport));
    }

    private static GuestResult Validate(ReverseMapTable<ContiguousGeometry> table, ulong page) =>
        table.PValidate(ExecutionState.Guest(5), Translation(page), PageSize.Size4K, validate: true);

    private static GuestResult Adjust(ReverseMapTable<ContiguousGeometry> table, ulong page) =>
        table.RmpAdjust(ExecutionState.Guest(5), Translation(page), PageSize.Size4K, new RmpAdjustOperand(1));

    private static GuestResult Query(ReverseMapTable<ContiguousGeometry> table, ulong page) =>
        table.RmpQuery(ExecutionState.Guest(5), Translation(page), 1, out _);

    private static GuestResult Touch(ReverseMapTable<ContiguousGeometry> table, ulong page) =>
        RmpCheck.Guest(table, new GuestAccess(5, 0, 0, GuestAccessKind.Write, IsPrivate: true), Translation(page));

    private static NestedPage Translation(ulong page) => new(Guest(page), At(page), PageSize.Size4K);

    private static GuestPhysicalAddress Guest(ulong page) => GuestPhysicalAddress.Create(Gpa + page - R);

    private static ReverseMapTable<ContiguousGeometry> Make() =>
        new(ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x60_0000), ProcessorModel.Turin, ModelChoices.Default);

    private static void Poke(ReverseMapTable<ContiguousGeometry> table, ulong page, ulong low) =>
        Assert.True(table.TryWriteRaw(At(page), new RmpEntry(low, 0x1F)));
}
