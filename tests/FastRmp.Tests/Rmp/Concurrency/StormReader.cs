using System;
using System.Threading;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>A thread that reads until the storm is over, and remembers the first thing that cannot be.</summary>
internal sealed class StormReader(StormWorld world, int seed)
{
    private readonly Random _random = new(seed);
    private long _looks;

    public string? Complaint { get; private set; }

    public long Looks => Volatile.Read(ref _looks);

    public void Run()
    {
        while (!world.IsOver && Complaint is null)
        {
            ulong region = (ulong)_random.NextInt64((long)world.Regions);
            Complaint = Entry(region) ?? LargeCheck(region) ?? MovingCheck(region) ?? Disclosed(region);
            Volatile.Write(ref _looks, _looks + 1);
        }

        if (Complaint is not null) world.IsOver = true;
    }

    private string? Entry(ulong region)
    {
        ulong page = (region * StormWorld.RegionBytes) + ((ulong)_random.Next(4) * 0x1000);
        RmpLookup lookup = world.Table.Lookup(PhysicalAddress.Create(page));
        return lookup.IsSettled ? StormWorld.Impossible(page, lookup) : null;
    }

    /// <summary>While a page is certainly assigned no large mapping, and no small one of it, passes.</summary>
    private string? LargeCheck(ulong region)
    {
        int writer = _random.Next(world.Writers);
        int before = Volatile.Read(ref world.Epoch(region, writer));
        if ((before & 1) == 0) return null;
        ulong page = (region * StormWorld.RegionBytes) + 0x10_0000 + ((ulong)writer * 0x1000);
        bool large = world.Table.IsHypervisorOwned(PhysicalAddress.Create(region * StormWorld.RegionBytes), PageSize.Size2M);
        bool huge = RmpCheck.Device(world.Table, AccessKind.Write, PhysicalAddress.Create(page), PageSize.Size1G);
        bool small = world.Table.IsHypervisorOwned(PhysicalAddress.Create(page), PageSize.Size4K);
        Interlocked.MemoryBarrier();
        bool missed = (large || huge || small) && Volatile.Read(ref world.Epoch(region, writer)) == before;
        return missed ? $"a check of 0x{page:x} passed although it was assigned (2M {large}, 1G {huge}, 4K {small})" : null;
    }

    /// <summary>A page that is found assigned before and after is so in between, even while its writer assigns or releases it.</summary>
    /// <remarks>The looks need not be settled: guest address, ASID and Assigned stand in one quadword.</remarks>
    private string? MovingCheck(ulong region)
    {
        int writer = _random.Next(world.Writers);
        int epoch = Volatile.Read(ref world.Epoch(region, writer));
        PhysicalAddress page = PhysicalAddress.Create((region * StormWorld.RegionBytes) + 0x10_0000 + ((ulong)writer * 0x1000));
        RmpLookup before = world.Table.Lookup(page);
        if (!before.IsAssigned || before.Entry.Asid != StormWorld.OwnAsid) return null;
        bool large = world.Table.IsHypervisorOwned(page, PageSize.Size2M);
        RmpLookup after = world.Table.Lookup(page);
        bool stayed = after.IsAssigned && after.Entry.Asid == StormWorld.OwnAsid && after.Entry.Gpa == before.Entry.Gpa;
        bool missed = large && stayed && Volatile.Read(ref world.Epoch(region, writer)) == epoch;
        return missed ? $"a check of 2 MiB passed although {page} in it was assigned" : null;
    }

    private string? Disclosed(ulong region)
    {
        ulong page = (region * StormWorld.RegionBytes) + ((ulong)_random.Next(2) * 0x1000);
        RmpResult result = world.Table.RmpRead(ExecutionState.Host, PhysicalAddress.Create(page), out RmpReadOutput entry);
        if (!result.IsSuccess) return result.IsContention ? null : $"RMPREAD of 0x{page:x}: {result}";
        bool isPiece = entry is { Assigned: true, Asid: 0, Gpa: 0 };
        bool isFree = entry is { Assigned: false, Asid: 0, Gpa: 0 };
        bool isGuests = entry.Assigned && entry.Asid is > 0 and <= 3 && entry.Gpa == StormWorld.GpaOf(page, entry.Asid);
        return isPiece || isFree || isGuests ? null : $"RMPREAD of 0x{page:x}: {entry}";
    }
}
