using System.Threading;
using FastRmp.Schedules.Tests;

namespace FastRmp;

/// <summary>Takes the place of the library's class in this assembly: quadword by quadword, and before each access the schedule may let
/// another thread run.</summary>
/// <remarks>Vectors have no order among their quadwords, and a vector that is read, changed and written back is not changed at once. So the
/// low quadword of an entry is written before the high one, which is the worse order, and the entries from the first to the last or from the
/// last to the first, as <see cref="Scheduler.IsBackwards"/> says.</remarks>
internal static class RegionEntries
{
#pragma warning disable CS0436 // the shadow is meant
    internal static RmpEntry Union(EntryStore entries, nuint baseIndex)
    {
        ulong low = 0;
        ulong high = 0;
        for (nuint i = 0; i < RmpProtocol.LastSubpage; i++)
        {
            low |= Volatile.Read(ref entries.Low(baseIndex + InOrder(i)));
            high |= entries.High(baseIndex + InOrder(i));
        }

        return new RmpEntry(low, high);
    }

    internal static void Lock(EntryStore entries, nuint baseIndex, ulong holder)
    {
        for (nuint i = 0; i < RmpProtocol.LastSubpage; i++)
        {
            ref ulong low = ref entries.Low(baseIndex + InOrder(i));
            ref ulong high = ref entries.High(baseIndex + InOrder(i));
            ulong locked = (Volatile.Read(ref low) & ~RmpEntry.GpaMask) | RmpEntry.LockMask | holder;
            Write(ref low, locked, ref high, high);
        }
    }

    internal static void WriteHighs(EntryStore entries, nuint baseIndex, ulong high)
    {
        for (nuint i = 0; i < RmpProtocol.LastSubpage; i++)
        {
            ref ulong low = ref entries.Low(baseIndex + InOrder(i));
            Write(ref low, Volatile.Read(ref low), ref entries.High(baseIndex + InOrder(i)), high);
        }
    }

    internal static void WriteLows(EntryStore entries, nuint baseIndex, ulong low)
    {
        for (nuint i = 0; i < RmpProtocol.LastSubpage; i++)
        {
            Write(ref entries.Low(baseIndex + InOrder(i)), low, ref entries.High(baseIndex + InOrder(i)), 0);
        }
    }

    private static void Write(ref ulong low, ulong newLow, ref ulong high, ulong newHigh)
    {
        Volatile.Write(ref low, newLow);
        Volatile.Write(ref high, newHigh);
    }
#pragma warning restore CS0436

    private static nuint InOrder(nuint i) => Scheduler.IsBackwards ? RmpProtocol.LastSubpage - i : i + 1;
}
