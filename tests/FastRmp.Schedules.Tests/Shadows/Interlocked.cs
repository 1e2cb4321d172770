using FastRmp.Schedules.Tests;

namespace System.Threading;

/// <summary>Takes the place of the runtime's class in this assembly, as <see cref="Volatile"/> does.</summary>
internal static class Interlocked
{
    public static ulong CompareExchange(ref ulong location, ulong value, ulong comparand)
    {
        Scheduler.Point(in location);
        ulong seen = location;
        if (seen == comparand) location = value;
        return seen;
    }

    public static T? CompareExchange<T>(ref T? location, T? value, T? comparand)
        where T : class
    {
        Scheduler.Point(in location);
        T? seen = location;
        if (ReferenceEquals(seen, comparand)) location = value;
        return seen;
    }

    public static ulong Add(ref ulong location, ulong value)
    {
        Scheduler.Point(in location);
        location += value;
        return location;
    }

    public static ulong And(ref ulong location, ulong value)
    {
        Scheduler.Point(in location);
        ulong seen = location;
        location &= value;
        return seen;
    }

    public static ulong Or(ref ulong location, ulong value)
    {
        Scheduler.Point(in location);
        ulong seen = location;
        location |= value;
        return seen;
    }

    public static ulong Exchange(ref ulong location, ulong value)
    {
        Scheduler.Point(in location);
        ulong seen = location;
        location = value;
        return seen;
    }

    public static ulong Increment(ref ulong location) => Add(ref location, 1);

    public static ulong Decrement(ref ulong location) => Add(ref location, ulong.MaxValue);

    public static void MemoryBarrier()
    {
        // One thread runs at a time: everything is in order already.
    }
}
