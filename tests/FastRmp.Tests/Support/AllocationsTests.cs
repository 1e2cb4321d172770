using System;
using System.Collections.Generic;
using System.Threading;
using Xunit;
using Xunit.Sdk;

namespace FastRmp.Tests.Support;

public sealed class AllocationsTests
{
    private object? _kept;

    [Fact]
    public void An_action_that_allocates_fails() => RequireRefusal(() => _kept = new object());

    [Fact]
    public void An_action_that_allocates_once_in_a_hundred_runs_fails()
    {
        int runs = 0;
        RequireRefusal(() =>
        {
            if (++runs == 50) _kept = new object();
        });
    }

    [Fact]
    public void A_list_that_grows_fails()
    {
        List<int> list = [];
        RequireRefusal(() => list.Add(1));
    }

    [Fact]
    public void The_bytes_of_one_object_are_counted_exactly() =>
        Assert.Equal(64 + (3 * IntPtr.Size), Allocations.Least(() => Allocations.Of(() => _kept = new byte[64])));

    [Fact]
    public void Collections_that_others_cause_are_not_counted()
    {
        bool isOver = false;
        int begun = 0;
        Thread collector = new(() =>
        {
            List<byte[]> ballast = [];
            while (!Volatile.Read(ref isOver))
            {
                for (int i = 0; i < 100; i++) ballast.Add(new byte[200]);
                if (ballast.Count > 20_000) ballast.RemoveRange(0, 10_000);
                GC.Collect(2, GCCollectionMode.Forced, blocking: false);
                Volatile.Write(ref begun, begun + 1);
            }
        });
        collector.Start();
        try
        {
            for (int i = 0; i < 20; i++)
            {
                _kept = new byte[100]; // the rest of its buffer is there to be lost
                Assert.Equal(0, Allocations.Of(Await)); // a warm-up would lose the rest before it matters
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            collector.Join();
        }

        void Await()
        {
            int first = Volatile.Read(ref begun);
            while (Volatile.Read(ref begun) - first < 3) Thread.Yield();
        }
    }

    private static void RequireRefusal(Action action) => Assert.ThrowsAny<XunitException>(() => Allocations.RequireNone(action));
}
