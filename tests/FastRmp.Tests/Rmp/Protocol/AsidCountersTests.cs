using System;
using System.Linq;
using System.Threading;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Rmp.Protocol;

/// <summary>Counts that each thread keeps for itself. What two threads may do to each other is in FastRmp.Schedules.Tests.</summary>
public sealed class AsidCountersTests
{
    private const uint Asid = 5;
    private const ulong Large = 512;

    private static readonly ContiguousGeometry Geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x20_0000);

    private readonly AsidCounters _counters = new();

    [Fact]
    public void A_count_is_what_was_raised_without_what_was_lowered()
    {
        Assert.Equal(0UL, _counters.Read(Asid));
        OnThreads(1, _ => // a new one certainly has a place
        {
            _counters.Raise(Asid, Large);
            _counters.Lower(Asid, 1);
            AsidCounters.Raise(_counters.Own!, Asid, 2);
            AsidCounters.Lower(_counters.Own!, Asid, 3);
        });
        Assert.Equal(Large - 2, _counters.Read(Asid));
        Assert.Equal(0UL, _counters.Read(Asid - 1));
        Assert.Equal(0UL, _counters.Read(Asid + 1));
    }

    [Fact]
    public void Every_ASID_of_an_entry_has_a_count_and_no_other_has()
    {
        for (uint asid = 0; asid <= RmpEntry.LockAsid; asid++)
        {
            _counters.Raise(asid, asid + 1);
        }

        Assert.All(Enumerable.Range(0, RmpEntry.LockAsid + 1), asid => Assert.Equal((ulong)asid + 1, _counters.Read((uint)asid)));
        Assert.Equal(0UL, _counters.Read(RmpEntry.LockAsid + 1U));
    }

    [Fact]
    public void One_thread_raises_and_another_lowers()
    {
        _counters.Raise(Asid, Large);
        OnThreads(1, _ => _counters.Lower(Asid, Large));
        Assert.Equal(0UL, _counters.Read(Asid));
    }

    [Fact]
    public void The_thread_that_makes_a_table_allocates_nothing_at_its_first_count()
    {
        RmpUpdateOperand assign = new() { Assigned = true, Asid = Asid };
        ExecutionState host = ExecutionState.Host with { SnpEnabled = true };
        PhysicalAddress page = PhysicalAddress.Create(0x10_0000);
        long allocated = long.MaxValue;
        OnThreads(1, _ =>
        {
            // now and then some bytes too many: a method compiled anew
            for (int attempt = 0; attempt < 10 && allocated != 0; attempt++)
            {
                using ReverseMapTable<ContiguousGeometry> table = new(Geometry, ProcessorModel.Genoa, ModelChoices.Default);
                allocated = Math.Min(allocated, Allocations.Of(() => Assert.True(table.RmpUpdate(host, page, assign).IsSuccess)));
                Assert.Equal(1UL, table.AssignedPages(Asid));
            }
        });
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void More_threads_than_places_count_and_places_of_ended_threads_are_taken_again()
    {
        const int Threads = ThreadPlace.Count + 6;
        int[] places = new int[Threads];
        using Barrier allLive = new(Threads);
        OnThreads(Threads, number =>
        {
            places[number] = ThreadPlace.Take();
            allLive.SignalAndWait();
            _counters.Raise(Asid, 1);
            _counters.Raise(Asid, Large);
            _counters.Lower(Asid, 1);
        });
        Assert.Equal((ulong)Threads * Large, _counters.Read(Asid));
        int[] taken = [.. places.Where(static place => place != ThreadPlace.None)];
        Assert.Equal(taken.Length, taken.Distinct().Count());
        Assert.True(taken.Length < Threads);
        Assert.All(taken, static place => Assert.InRange(place, 1, ThreadPlace.Count));
        OnThreads(1, _ => places[0] = ThreadPlace.Take());
        Assert.NotEqual(ThreadPlace.None, places[0]);
    }

    [Fact]
    public void Values_of_versions_are_never_the_same()
    {
        const int Threads = 3;
        const int Values = 100;
        ulong[] values = new ulong[2 * Threads * Values];
        OnThreads(Threads, number =>
        {
            _counters.Raise(Asid, 1);
            for (int i = 0; i < Values; i++)
            {
                if (i == Values / 2) OnThreads(1, _ => _counters.Raise(Asid, 1));
                values[2 * ((number * Values) + i)] = AsidCounters.NextToken(_counters.Own!);
                values[(2 * ((number * Values) + i)) + 1] = VersionToken.Next();
            }
        });
        ulong next = 0;
        _counters.Clear(); // counts, and no values
        OnThreads(1, _ =>
        {
            _counters.Raise(Asid, 1);
            next = AsidCounters.NextToken(_counters.Own!);
        });
        Assert.DoesNotContain(next, values);
        Assert.Equal(values.Length, values.Distinct().Count());
        Assert.DoesNotContain(0UL, values);
    }

    [Fact]
    public void All_counts_are_cleared()
    {
        _counters.Raise(Asid, 1);
        OnThreads(2, _ => _counters.Raise(Asid, 1));
        _counters.Clear();
        Assert.Equal(0UL, _counters.Read(Asid));
    }

    [Fact]
    public void Only_a_table_in_storage_of_its_own_counts_beside_it()
    {
        using ReverseMapTable<ContiguousGeometry> own = new(Geometry, ProcessorModel.Genoa);
        using PinnedMemory storage = PinnedMemory.Allocate((Geometry.StorageBytes + 0xFFF) & ~0xFFFUL);
        using ReverseMapTable<ContiguousGeometry> over = new(Geometry, storage, ProcessorModel.Genoa, ModelChoices.Default);
        Assert.NotNull(own.Protocol.Counters);
        Assert.Null(over.Protocol.Counters);
        foreach (ReverseMapTable<ContiguousGeometry> table in (ReverseMapTable<ContiguousGeometry>[])[own, over])
        {
            Assert.True(table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(0x1000), Operands.Assign(0x1000, Asid)).IsSuccess);
            Assert.Equal(1UL, table.AssignedPages(Asid));
            Assert.Equal(table == own ? 0UL : 1UL, table.Protocol.Entries.Bookkeeping(Asid));
        }
    }

    [Fact]
    public void Only_the_first_count_of_a_thread_allocates()
    {
        Allocations.RequireNone(() =>
        {
            _counters.Raise(Asid, 1);
            _counters.Lower(Asid, 1);
            _ = _counters.Read(Asid);
        });
        Assert.Equal(0UL, _counters.Read(Asid));
    }

    private static void OnThreads(int threads, Action<int> body)
    {
        Thread[] running = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            int number = i;
            running[i] = new Thread(() => body(number));
            running[i].Start();
        }

        foreach (Thread thread in running)
        {
            thread.Join();
        }
    }
}
