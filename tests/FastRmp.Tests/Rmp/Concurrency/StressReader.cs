using System;
using System.Threading;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>A thread that reads until the run is over, and remembers the first thing that cannot be.</summary>
internal sealed class StressReader(StressedTable stressed, int seed)
{
    private readonly Random _random = new(seed);
    private long _looks;

    public string? Complaint { get; private set; }

    public long Looks => Volatile.Read(ref _looks);

    public void Run()
    {
        while (!stressed.IsOver && Complaint is null)
        {
            ulong region = (ulong)_random.NextInt64((long)stressed.Regions);
            Complaint = Entry(region) ?? LargeCheck(region) ?? MovingCheck(region) ?? Disclosed(region);
            Volatile.Write(ref _looks, _looks + 1);
        }

        if (Complaint is not null) stressed.IsOver = true;
    }

    private string? Entry(ulong region)
    {
        ulong page = (region * StressedTable.RegionBytes) + ((ulong)_random.Next(4) * 0x1000);
        RmpLookup lookup = stressed.Table.Lookup(PhysicalAddress.Create(page));
        return lookup.IsSettled ? StressedTable.Impossible(page, lookup) : null;
    }

    /// <summary>While a page is certainly assigned no large mapping, and no small one of it, passes.</summary>
    private string? LargeCheck(ulong region)
    {
        int writer = _random.Next(stressed.Writers);
        int before = Volatile.Read(ref stressed.Epoch(region, writer));
        if ((before & 1) == 0) return null;
        ulong page = (region * StressedTable.RegionBytes) + 0x10_0000 + ((ulong)writer * 0x1000);
        bool large = stressed.Table.IsHypervisorOwned(PhysicalAddress.Create(region * StressedTable.RegionBytes), PageSize.Size2M);
        bool huge = RmpCheck.Device(stressed.Table, AccessKind.Write, PhysicalAddress.Create(page), PageSize.Size1G);
        bool small = stressed.Table.IsHypervisorOwned(PhysicalAddress.Create(page), PageSize.Size4K);
        Interlocked.MemoryBarrier();
        bool missed = (large || huge || small) && Volatile.Read(ref stressed.Epoch(region, writer)) == before;
        return missed ? $"a check of 0x{page:x} passed although it was assigned (2M {large}, 1G {huge}, 4K {small})" : null;
    }

    /// <summary>A page that is found assigned before and after is so in between, even while its writer assigns or releases it.</summary>
    /// <remarks>The looks need not be settled: guest address, ASID and Assigned stand in one quadword.</remarks>
    private string? MovingCheck(ulong region)
    {
        int writer = _random.Next(stressed.Writers);
        int epoch = Volatile.Read(ref stressed.Epoch(region, writer));
        PhysicalAddress page = PhysicalAddress.Create((region * StressedTable.RegionBytes) + 0x10_0000 + ((ulong)writer * 0x1000));
        RmpLookup before = stressed.Table.Lookup(page);
        if (!before.IsAssigned || before.Entry.Asid != StressedTable.OwnAsid) return null;
        bool large = stressed.Table.IsHypervisorOwned(page, PageSize.Size2M);
        RmpLookup after = stressed.Table.Lookup(page);
        bool stayed = after.IsAssigned && after.Entry.Asid == StressedTable.OwnAsid && after.Entry.Gpa == before.Entry.Gpa;
        bool missed = large && stayed && Volatile.Read(ref stressed.Epoch(region, writer)) == epoch;
        return missed ? $"a check of 2 MiB passed although {page} in it was assigned" : null;
    }

    private string? Disclosed(ulong region)
    {
        ulong page = (region * StressedTable.RegionBytes) + ((ulong)_random.Next(2) * 0x1000);
        RmpResult result = stressed.Table.RmpRead(ExecutionState.Host, PhysicalAddress.Create(page), out RmpReadOutput entry);
        if (!result.IsSuccess) return result.IsContention ? null : $"RMPREAD of 0x{page:x}: {result}";
        bool isPiece = entry is { Assigned: true, Asid: 0, Gpa: 0 };
        bool isFree = entry is { Assigned: false, Asid: 0, Gpa: 0 };
        bool isGuests = entry.Assigned && entry.Asid is > 0 and <= 3 && entry.Gpa == StressedTable.GpaOf(page, entry.Asid);
        return isPiece || isFree || isGuests ? null : $"RMPREAD of 0x{page:x}: {entry}";
    }
}
