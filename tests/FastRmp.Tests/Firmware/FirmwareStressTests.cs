using System;
using System.Threading;
using FastRmp.Firmware;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Rmp.Concurrency;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>
/// Firmware takes all 512 pages of a region through its commands while a host without a plan updates the same region and readers watch.
/// </summary>
[Collection(AloneDefinition.Name)]
public sealed class FirmwareStressTests : IDisposable
{
    private const int Rounds = 150;
    private const ulong Gpa = 0x4000_0000;
    private const ulong Last = R + ModelPair.RegionBytes - 0x1000;

    private static readonly PageRangeEntry[] Block = [new(R, 512)];

    private readonly FirmwareRig _rig = new();
    private int _held; // odd while every page of the region is certainly assigned
    private volatile bool _isOver;
    private string? _complaint;

    public FirmwareStressTests() => _rig.MakeContext();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Commands_on_a_region_beside_a_malicious_host()
    {
        Thread host = new(Host);
        Thread reader = new(Read);
        host.Start();
        reader.Start();
        try
        {
            for (int round = 0; round < Rounds && Volatile.Read(ref _complaint) is null; round++)
            {
                bool forGuest = round % 2 == 0;
                Take(forGuest);
                Interlocked.Increment(ref _held);
                if (forGuest) Unsmash();
                else Fix();
            }
        }
        finally
        {
            _isOver = true;
            host.Join();
            reader.Join();
        }

        Assert.Null(_complaint);
        RequireRest();
    }

    private void Take(bool forGuest)
    {
        for (ulong page = R; page <= Last; page += 0x1000)
        {
            RmpUpdateOperand operand = forGuest
                ? Operands.Assign(Gpa + (page - R), 1, immutable: true)
                : Operands.Assign(0, 0, immutable: true);
            for (int attempt = 0; !_rig.Update(page, operand).IsSuccess; attempt++)
            {
                if (attempt > 1_000) Thread.Sleep(1); // whoever holds the region may have been preempted
                if (attempt == 11_000) Assert.Fail($"0x{page:x} cannot be taken: {_rig.Table.Lookup(At(page))}");
                _rig.Table.PSmash(ExecutionState.Host, At(R)); // the host may have made one page of it
            }
        }
    }

    /// <summary>512 pages become one, which goes back to the host whole.</summary>
    private void Unsmash()
    {
        Assert.Equal(FirmwareStatus.Success, _rig.Firmware.PageUnsmash(R));
        PageCommand.Prepare(_rig, "swap_in", PageSize.Size2M);
        GuestOfAsid1();
        Assert.Equal(FirmwareStatus.Success, _rig.Firmware.SwapIn(PageCommand.SwapIn(R, PageSize.Size2M)));
        Assert.Equal(PageState.PreGuest, _rig.State(S));
        Interlocked.Increment(ref _held);
        PageCommand.Prepare(_rig, "launch_update");
        GuestOfAsid1();
        Assert.Equal(FirmwareStatus.Success, _rig.Firmware.LaunchUpdate(PageCommand.Launch(R, PageSize.Size2M)));
    }

    private void GuestOfAsid1() => _rig.Firmware.SetGuestContext(At(ContextPage), _rig.Guest() with { Asid = 1 });

    /// <summary>HV_Fixed for ever, but for a test that writes raw: nothing else writes such an entry.</summary>
    private void Fix()
    {
        Interlocked.Increment(ref _held);
        Assert.Equal(
            FirmwareStatus.Success,
            _rig.Firmware.PageSetState(new PlatformParameters { ListAddress = 0x200_0000, Ranges = Block }));
        Assert.True(_rig.Table.IsHypervisorOwned(At(R), PageSize.Size2M));
        for (ulong page = R; page <= Last; page += 0x1000)
        {
            _rig.RequireRaw(page, 0x4);
        }

        // The base entry first: while its neighbours are fixed nothing changes its count.
        for (ulong page = R; page <= Last; page += 0x1000)
        {
            _rig.Poke(page, 0);
        }
    }

    private void Host()
    {
        Random random = new(5);
        while (!_isOver)
        {
            ulong page = R + ((ulong)random.Next(8) * 0x1000);
            _ = random.Next(7) switch
            {
                0 => _rig.Update(R, Operands.Assign(Gpa, 2, PageSize.Size2M)),
                1 => _rig.Update(R, Operands.Release(PageSize.Size2M)),
                2 => _rig.Table.PSmash(ExecutionState.Host, At(R)),
                3 => _rig.Update(page, Operands.Assign(Gpa, 3)),
                _ => _rig.Update(page, Operands.Release()),
            };
        }
    }

    private void Read()
    {
        Random random = new(6);
        while (!_isOver)
        {
            int before = Volatile.Read(ref _held);
            ulong page = R + ((ulong)random.Next(512) * 0x1000);
            bool passes = _rig.Table.IsHypervisorOwned(At(R), PageSize.Size2M) || _rig.Table.IsHypervisorOwned(At(page), PageSize.Size4K);
            RmpLookup lookup = _rig.Table.Lookup(At(page));
            Interlocked.MemoryBarrier();
            bool isHeld = (before & 1) != 0 && Volatile.Read(ref _held) == before;
            if (isHeld && passes) Complain($"a check of 0x{page:x} passed although it was assigned");
            bool isPossible = lookup.Size == PageSize.Size2M
                ? lookup.Entry.Asid is 1 or 2 && lookup.Entry.SubpageCount == 0
                : !isHeld || lookup.Entry is { Assigned: true, Immutable: true, Asid: 0 or 1 };
            if (lookup.IsSettled && !isPossible) Complain($"0x{page:x} was seen as {lookup.Entry} of {lookup.Size}");
        }
    }

    private void Complain(string text) => Interlocked.CompareExchange(ref _complaint, text, null);

    private void RequireRest()
    {
        ReadOnlySpan<RmpEntry> entries = _rig.Table.Region(At(R));
        bool large = entries[0].PageSize == PageSize.Size2M;
        Assert.Equal(large ? 0 : AssignedScan.Count(entries[1..]), entries[0].SubpageCount);
        Assert.NotEqual(0x3FF, entries[0].Asid);
        ulong[] census = new ulong[4];
        for (ulong page = R; page <= Last; page += 0x1000)
        {
            RmpLookup lookup = _rig.Table.Lookup(At(page));
            Assert.True(lookup.IsSettled);
            if (lookup.IsAssigned) census[lookup.Entry.Asid]++;
        }

        for (uint asid = 1; asid < 4; asid++)
        {
            Assert.Equal(census[asid], _rig.Table.AssignedPages(asid));
        }
    }
}
