using System;
using System.Collections.Generic;
using Xunit;

namespace FastRmp.Images.Tests.RmpTraces;

/// <summary>What is noted while a trace is read is what reading it again would say.</summary>
public sealed class RmpUpdatesSeenTests
{
    [Fact]
    public void Holes_are_met_where_an_update_lies_outside_RAM()
    {
        Random random = new(32);
        int met = 0;
        int unmet = 0;
        for (int round = 0; round < 4000; round++)
        {
            List<PhysicalRange> ram = Ram(random);
            PhysicalRange[] whole = ram.Count == 0 ? [new PhysicalRange(default, 1UL << 40)] : Sorted(ram);
            RmpUpdatesSeen seen = new();
            bool meets = false;
            HashSet<uint> guests = [];
            int events = random.Next(1, 12);
            for (int i = 0; i < events; i++)
            {
                RmpRecord one = Event(random);
                seen.Take(one, ram);
                if (one.Operand.Asid != 0) guests.Add(one.Operand.Asid);
                bool isUpdate = one.Kind is RmpTraceEventKind.RmpUpdate or RmpTraceEventKind.Convert;
                meets |= isUpdate && !RmpUpdatesSeen.IsWithin(whole, one);
            }

            Assert.Equal(guests.Count, seen.CountGuests(1006));
            bool? known = seen.MeetHoles(whole, 1UL << 40);
            Assert.Equal(meets, known);
            if (meets) met++;
            else unmet++;
        }

        Assert.InRange(met, 500, int.MaxValue);
        Assert.InRange(unmet, 500, int.MaxValue);
    }

    [Fact]
    public void Of_another_machine_nothing_is_known()
    {
        RmpUpdatesSeen seen = new();
        Assert.False(seen.MeetHoles([new PhysicalRange(default, 1 << 30)], 1 << 20)); // there was no update
        seen.Take(new RmpRecord { Kind = RmpTraceEventKind.RmpUpdate, Pages = 1 }, [new PhysicalRange(default, 1 << 30)]);
        Assert.False(seen.MeetHoles([new PhysicalRange(default, 1 << 30)], 1 << 20));
        Assert.Null(seen.MeetHoles([new PhysicalRange(default, 1 << 29)], 1 << 20));
        PhysicalRange[] apart = [new PhysicalRange(default, 1 << 29), new PhysicalRange(PhysicalAddress.Create(1 << 30), 4096)];
        Assert.Null(seen.MeetHoles(apart, 1 << 20));
    }

    private static RmpRecord Event(Random random)
    {
        RmpTraceEventKind[] kinds =
            [RmpTraceEventKind.RmpUpdate, RmpTraceEventKind.Convert, RmpTraceEventKind.PValidate, RmpTraceEventKind.Guest];
        RmpTraceEventKind kind = kinds[random.Next(kinds.Length)];
        PageSize size = (PageSize)random.Next(2);
        ulong frame = (ulong)random.Next(1, 6 * 512);
        if (size == PageSize.Size2M && random.Next(8) != 0) frame &= ~511UL;
        return new RmpRecord
        {
            Kind = kind,
            Page = PhysicalAddress.FromPageNumber(frame) + (ulong)random.Next(4096),
            Pages = kind == RmpTraceEventKind.RmpUpdate ? 1 : random.Next(1, 700),
            Operand = new RmpUpdateOperand { Asid = (uint)random.Next(5), Assigned = true, PageSize = size },
        };
    }

    private static List<PhysicalRange> Ram(Random random)
    {
        List<PhysicalRange> ram = [];
        if (random.Next(4) == 0) return ram;
        ulong at = (ulong)random.Next(3) << 12;
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            ulong length = (ulong)random.Next(600, 8000) << 12;
            ram.Insert(random.Next(ram.Count + 1), new PhysicalRange(PhysicalAddress.Create(at), length));
            at += length + ((ulong)random.Next(1, 600) << 12);
        }

        return ram;
    }

    private static PhysicalRange[] Sorted(List<PhysicalRange> ram)
    {
        PhysicalRange[] sorted = [.. ram];
        Array.Sort(sorted, static (left, right) => left.Start.CompareTo(right.Start));
        return sorted;
    }
}
