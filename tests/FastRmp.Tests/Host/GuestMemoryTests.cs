using System;
using FastRmp.DirectMap;
using FastRmp.Reference;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Host;

/// <summary>A guest's memory from guest_memfd: nested faults and releases at random, by the host and by the reference.</summary>
public sealed class GuestMemoryTests
{
    private const ulong Pages = 4 * 512;
    private const uint Asid = 5;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Faults_and_releases_end_as_the_reference_says(int seed)
    {
        Random random = new(seed);
        using ModelPair pair = new(4, ProcessorModel.Genoa, ModelChoices.Default);
        using HostDirectMap map = new([new PhysicalRange(default, 0x4000_0000)], new DirectMapOptions());
        SnpHost<ContiguousGeometry, Never> host = new(pair.Table, map);
        pair.Enable();
        host.EnableSnp();
        ReferenceKvm kvm = new(pair.Reference, isSnpGuest: true, Asid);
        int[] actions = new int[4];
        int[] reactions = new int[8];
        long smashes = 0;
        for (int round = 0; round < 6000; round++)
        {
            if (random.Next(12) == 0)
            {
                smashes += Release(host, kvm, random);
                continue;
            }

            if (random.Next(30) == 0) Fix(host, kvm, pair, random);
            KvmFaultResult verdict = Fault(host, kvm, random);
            actions[(int)verdict.Action]++;
            reactions[(int)verdict.Rmp]++;
            if (round % 500 == 0) pair.CompareAll();
        }

        pair.CompareAll();
        Assert.All(actions, static count => Assert.True(count > 20));
        string counts = string.Join(' ', reactions) + $" smashes {smashes}";
        Assert.True(
            reactions[(int)FaultOutcome.Smashed] > 5 && reactions[(int)FaultOutcome.Spurious] > 20
                && reactions[(int)FaultOutcome.NotPrivate] > 20,
            counts);
        Assert.True(reactions[(int)FaultOutcome.SmashFailed] > 0 && smashes > 5, counts);
    }

    [Fact]
    public void Only_whole_pages_are_given_back_and_a_range_without_end_ends()
    {
        using HostRig<Never> rig = new(new PhysicalRange(default, 0x2_0000_0000));
        Assert.True(rig.Assign(0x4000_0000, PageSize.Size2M).IsDone);
        Assert.Equal(default, rig.Host.MakeShared(new PhysicalRange(PhysicalAddress.Create(0x4000_0001), 0x1FFE)));
        Assert.Equal(
            new GuestMemoryRelease(1, 0, 1, 1), rig.Host.MakeShared(new PhysicalRange(PhysicalAddress.Create(0x4000_0FFF), 0x1001)));
        Assert.Equal(
            new GuestMemoryRelease(511, 0, 511, 0), rig.Host.MakeShared(new PhysicalRange(PhysicalAddress.Create(0x4000_0000), 0x20_0000)));
        Assert.True(rig.Assign(0x4000_0000, PageSize.Size2M).IsDone);
        Assert.Equal(
            new GuestMemoryRelease(512, 0, 1, 0),
            rig.Host.MakeShared(new PhysicalRange(PhysicalAddress.Create(0x3FE0_1000), 0x10_0000_0000)));
        Assert.Equal(
            default,
            rig.Host.MakeShared(new PhysicalRange(PhysicalAddress.Create(0xF_FFFF_F000_0000), ulong.MaxValue - 0xF_FFFF_F000_0000)));
    }

    [Fact]
    public void A_host_without_SNP_gives_nothing()
    {
        using HostRig<Never> rig = new(
            new DirectMapOptions(), 0x2_0000_0000, ModelChoices.Default, [new PhysicalRange(default, 0x2_0000_0000)]);
        Assert.Equal(HostUpdateStatus.NotEnabled, rig.Host.MakePrivate(PhysicalAddress.Create(0x1000), default, PageSize.Size4K, 1).Status);
        Assert.Equal(default, rig.Host.MakeShared(new PhysicalRange(default, 0x1_0000)));
        GuestFrame frame = new(IsPrivate: true, Page: PhysicalAddress.Create(0x1000));
        Assert.Equal(KvmAction.MemoryFault, rig.Host.HandleGuestFault(new NestedPageFaultCode(0x5_0000_0004), default, frame, 1).Action);
    }

    [Fact]
    public void A_page_that_cannot_be_released_stays_assigned()
    {
        using HostRig<Never> rig = new(new PhysicalRange(default, 0x2_0000_0000));
        Assert.True(
            rig.Host.RmpUpdate(
                PhysicalAddress.Create(0x4000_0000), HostRig<Never>.Assigning(PageSize.Size2M) with { Immutable = true }).IsDone);
        Assert.True(rig.Assign(0x4020_0000).IsDone);
        Assert.Equal(
            new GuestMemoryRelease(1, 512, 1, 0), rig.Host.MakeShared(new PhysicalRange(PhysicalAddress.Create(0x4000_0000), 0x40_0000)));
        Assert.Equal(
            new GuestMemoryRelease(0, 3, 0, 0), rig.Host.MakeShared(new PhysicalRange(PhysicalAddress.Create(0x4000_1000), 0x3000)));
        Assert.True(rig.Entry(0x4000_0000).Assigned);
    }

    // A frame keeps its place: page n of the machine is frame n + 2^20 of the guest.
    private static KvmFaultResult Fault(SnpHost<ContiguousGeometry, Never> host, ReferenceKvm kvm, Random random)
    {
        ulong page = (ulong)random.NextInt64((long)Pages + 40) * 0x1000;
        ulong gpa = page + 0x1_0000_0000 + (ulong)random.Next(0x1000);
        ulong code = (ulong)random.Next(32) & (random.Next(6) == 0 ? 0x1FUL : 0x17UL);
        foreach (int bit in new[] { 31, 32, 33, 34, 34, 35, 36, 37 }) code |= (ulong)random.Next(2) << bit;
        bool isPrivate = random.Next(4) != 0 ? (code >> 34 & 1) != 0 : random.Next(2) == 0;
        PageSize folio = (PageSize)random.Next(3);
        PageSize even = (PageSize)random.Next(3);
        GuestFrame frame = new(
            isPrivate, random.Next(20) != 0, random.Next(20) == 0 ? null : PhysicalAddress.Create(page), folio, even, random.Next(3) == 0);
        KvmFaultResult foretold = KvmFaultResult.Predict(
            host.Table, new NestedPageFaultCode(code), GuestPhysicalAddress.Create(gpa), frame);
        ReferenceKvmResult expected = kvm.NpfExit(
            code, gpa,
            new ReferenceGuestFrame(
                isPrivate, frame.HasGuestMemfd, frame.Page?.Value, (ReferencePageSize)(int)folio, (ReferencePageSize)(int)even,
                frame.SharesGuestMemfd));
        KvmFaultResult verdict = host.HandleGuestFault(new NestedPageFaultCode(code), GuestPhysicalAddress.Create(gpa), frame, Asid);
        ReferenceKvmResult plain = new(
            verdict.Action switch
            {
                KvmAction.Map => "done",
                KvmAction.MemoryFault => "memory fault",
                KvmAction.Mmio => "mmio",
                _ => "warning",
            },
            verdict.Action == KvmAction.MemoryFault ? verdict.Frame.Value : 0,
            verdict.ExitSize,
            verdict.ExitFlags,
            verdict.Action == KvmAction.Map ? (ReferencePageSize)(int)verdict.MappingSize : null,
            verdict.Rmp switch
            {
                FaultOutcome.Smashed => "psmash",
                FaultOutcome.SmashFailed => "psmash failed",
                FaultOutcome.Spurious => "spurious",
                FaultOutcome.NotAssigned => "warn unassigned",
                FaultOutcome.NotPrivate => "warn shared",
                _ => "",
            },
            verdict.ZappedFrames);
        if (foretold != verdict || expected != plain) Assert.Fail($"0x{code:x} {frame}\nforetold {foretold}\ndone {verdict}\n{expected}");
        return verdict;
    }

    private static long Release(SnpHost<ContiguousGeometry, Never> host, ReferenceKvm kvm, Random random)
    {
        ulong start = (ulong)random.NextInt64((long)Pages);
        ulong end = Math.Min(start + (ulong)random.Next(1, 1200), Pages + 20);
        if (random.Next(3) != 0) start &= ~0x1FFUL;
        GuestMemoryRelease done = host.MakeShared(new PhysicalRange(PhysicalAddress.Create(start * 0x1000), (end - start) * 0x1000));
        Assert.Equal(kvm.MakeShared(start * 0x1000, end * 0x1000), (done.Released, done.Leaked, done.Updates, done.Smashes));
        return done.Smashes;
    }

    // A page of 2 MiB in firmware's hands, or one free again.
    private static void Fix(SnpHost<ContiguousGeometry, Never> host, ReferenceKvm kvm, ModelPair pair, Random random)
    {
        ulong region = (ulong)random.Next(1, 4) * 0x20_0000;
        if (random.Next(2) == 0)
        {
            GuestMemoryRelease done = host.MakeShared(new PhysicalRange(PhysicalAddress.Create(region), 0x20_0000));
            Assert.Equal(kvm.MakeShared(region, region + 0x20_0000), (done.Released, done.Leaked, done.Updates, done.Smashes));
            RmpUpdateOperand operand = new RmpUpdateOperand
            {
                Assigned = true,
                PageSize = PageSize.Size2M,
                Immutable = true,
                Asid = Asid,
                Gpa = 0x1_0000_0000 + region,
            };
            _ = pair.Update(region, operand);
        }
        else if (pair.Raw(region) is { Immutable: true } held)
        {
            pair.Poke(region, held.Low & ~((1UL << 2) | (1UL << 63)), held.High);
        }
    }
}
