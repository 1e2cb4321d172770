using System.Runtime.CompilerServices;
using FastRmp.Schedules.Tests;

namespace System.Threading;

/// <summary>Takes the place of the runtime's class in this assembly: before each access the schedule may let another thread run.</summary>
/// <remarks>One thread runs at a time, so that plain accesses are enough.</remarks>
internal static class Volatile
{
    public static ulong Read(ref readonly ulong location, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Scheduler.Point(in location, file, line);
        return location;
    }

    public static void Write(ref ulong location, ulong value)
    {
        Scheduler.Point(in location);
        location = value;
    }

    public static T Read<T>(ref readonly T location, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : class?
    {
        Scheduler.Point(in location, file, line);
        return location;
    }

    public static void Write<T>(ref T location, T value)
        where T : class?
    {
        Scheduler.Point(in location);
        location = value;
    }

    public static void ReadBarrier()
    {
        // One thread runs at a time: everything is in order already.
    }

    public static void WriteBarrier()
    {
        // As ReadBarrier.
    }
}
