using System;
using System.Threading;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>A thread that does anything anywhere, and keeps a page of its own in each region whose state it knows for certain.</summary>
internal sealed class StressWriter(StressedTable stressed, int number, int seed)
{
    private static readonly ulong[] FoughtFor = [0, 0x1000, 0x2000, 0x1F_F000];

    // Of each region: whether the writer's own page there is assigned with the other address.
    private readonly bool[] _turns = new bool[stressed.Regions];

    private readonly Random _random = new((seed * 31) + number);

    public int Successes { get; private set; }

    public string? Complaint { get; private set; }

    public void Run(int steps)
    {
        for (int i = 0; i < steps && Complaint is null && !stressed.IsOver; i++)
        {
            ulong region = (ulong)_random.NextInt64((long)stressed.Regions);
            if (_random.Next(4) == 0)
            {
                ToggleOwnPage(region);
            }
            else if (_random.Next(2) == 0)
            {
                HostStep(region * StressedTable.RegionBytes);
            }
            else
            {
                GuestStep(region * StressedTable.RegionBytes);
            }
        }
    }

    /// <summary>No other thread touches this page by itself, and no 2 MiB operation succeeds on a region in which it is assigned.</summary>
    private void ToggleOwnPage(ulong region)
    {
        ulong page = (region * StressedTable.RegionBytes) + 0x10_0000 + ((ulong)number * 0x1000);
        ref int epoch = ref stressed.Epoch(region, number);
        if ((epoch & 1) == 0)
        {
            ulong gpa = StressedTable.GpaOf(page, StressedTable.OwnAsid) | (_turns[region] ? StressedTable.Turn : 0);
            if (!Count(
                stressed.Table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), Operands.Assign(gpa, StressedTable.OwnAsid))))
            {
                return;
            }

            Interlocked.Increment(ref epoch);
            _turns[region] = !_turns[region];
            return;
        }

        Interlocked.Increment(ref epoch); // before: from here on a reader may not rely on it
        RmpResult result = stressed.Table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), Operands.Release());
        if (!Count(result)) Interlocked.Increment(ref epoch);
        if (!result.IsSuccess && !result.IsContention) Complaint = $"my own page 0x{page:x} was not released: {result}";
    }

    private void HostStep(ulong start)
    {
        uint asid = (uint)_random.Next(1, 3);
        PhysicalAddress first = PhysicalAddress.Create(start);
        ulong page = start + FoughtFor[_random.Next(FoughtFor.Length)];
        RmpResult result = _random.Next(8) switch
        {
            0 =>
                stressed.Table.RmpUpdate(
                    ExecutionState.Host, first, Operands.Assign(StressedTable.GpaOf(start, asid), asid, PageSize.Size2M)),
            1 => stressed.Table.RmpUpdate(ExecutionState.Host, first, Operands.Release(PageSize.Size2M)),
            2 => stressed.Table.PSmash(ExecutionState.Host, first),
            < 5 => stressed.Table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), Operands.Release()),
            _ =>
                stressed.Table.RmpUpdate(
                    ExecutionState.Host, PhysicalAddress.Create(page), Operands.Assign(StressedTable.GpaOf(page, asid), asid)),
        };
        Count(result);

        // The pages of a smashed region have to be released some time, or nothing else ever happens to it.
        if (_random.Next(16) == 0) Sweep(start);
    }

    private void Sweep(ulong start)
    {
        for (ulong offset = 0; offset < StressedTable.RegionBytes; offset += 0x1000)
        {
            bool isSomebodysOwn = offset >= 0x10_0000 && offset < 0x10_0000 + ((ulong)stressed.Writers * 0x1000);
            if (!isSomebodysOwn)
            {
                Count(stressed.Table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(start + offset), Operands.Release()));
            }
        }

        // The pages that a writer owns were left by PSMASH only if no writer holds them: their writers release them before they assign
        // again.
        ulong own = start + 0x10_0000 + ((ulong)number * 0x1000);
        if ((Volatile.Read(ref stressed.Epoch(start / StressedTable.RegionBytes, number)) & 1) == 0)
        {
            Count(stressed.Table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(own), Operands.Release()));
        }
    }

    private void GuestStep(ulong start)
    {
        uint asid = (uint)_random.Next(1, 3);
        bool large = _random.Next(3) == 0;
        PageSize size = large ? PageSize.Size2M : PageSize.Size4K;
        ulong page = large ? start : start + FoughtFor[_random.Next(FoughtFor.Length)];
        NestedPage translation = new(GuestPhysicalAddress.Create(StressedTable.GpaOf(page, asid)), PhysicalAddress.Create(page), size);
        GuestResult result = _random.Next(4) switch
        {
            0 => stressed.Table.PValidate(ExecutionState.Guest(asid), translation, size, validate: false),
            1 =>
                stressed.Table.RmpAdjust(
                    ExecutionState.Guest(asid), translation, size,
                    new RmpAdjustOperand(_random.Next(2) == 0 ? StressedTable.SaveArea : StressedTable.PlainPage)),
            _ => stressed.Table.PValidate(ExecutionState.Guest(asid), translation, size, validate: true),
        };
        if (result.IsSuccess) Successes++;
    }

    private bool Count(RmpResult result)
    {
        if (result.IsSuccess) Successes++;
        return result.IsSuccess;
    }
}
