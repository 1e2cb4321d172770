using System.Threading;
using FastRmp.Schedules.Tests;

namespace FastRmp;

/// <summary>Takes the place of the library's class in this assembly: quadword by quadword, and before each access the schedule may let
/// another thread run.</summary>
/// <remarks>Vectors have no order among their quadwords, and a vector that is read, changed and written back is not changed at once. So
/// what is written back as it was read may be old, and the entries are taken from the first to the last or from the last to the first,
/// as <see cref="Scheduler.IsBackwards"/> says.</remarks>
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
            ulong locked = (Volatile.Read(ref low) & ~RmpEntry.GpaMask) | RmpEntry.LockMask | holder;
            Volatile.Write(ref low, locked);
        }
    }

    internal static void WriteHighs(EntryStore entries, nuint baseIndex, ulong high)
    {
        for (nuint i = 0; i < RmpProtocol.LastSubpage; i++)
        {
            ref ulong low = ref entries.Low(baseIndex + InOrder(i));
            ulong seen = low;
            Volatile.Write(ref entries.High(baseIndex + InOrder(i)), high);
            low = seen;
        }
    }

    internal static void WriteRising(EntryStore entries, nuint baseIndex, ulong low, ulong gpaMask)
    {
        for (nuint i = 0; i < RmpProtocol.LastSubpage; i++)
        {
            ulong gpa = ((low & RmpEntry.GpaMask) + ((ulong)InOrder(i) << 12)) & gpaMask;
            Volatile.Write(ref entries.Low(baseIndex + InOrder(i)), (low & ~RmpEntry.GpaMask) | gpa);
        }
    }

    internal static void WriteLows(EntryStore entries, nuint baseIndex, ulong low)
    {
        for (nuint i = 0; i < RmpProtocol.LastSubpage; i++)
        {
            Volatile.Write(ref entries.Low(baseIndex + InOrder(i)), low);
            Volatile.Write(ref entries.High(baseIndex + InOrder(i)), 0);
        }
    }

    internal static void ChangeLows(EntryStore entries, nuint baseIndex, ulong kept, ulong set)
    {
        for (nuint i = 0; i < RmpProtocol.LastSubpage; i++)
        {
            ref ulong low = ref entries.Low(baseIndex + InOrder(i));
            ref ulong high = ref entries.High(baseIndex + InOrder(i));
            ulong seen = high;
            ulong changed = (Volatile.Read(ref low) & kept) | set;
            Volatile.Write(ref low, changed);
            high = seen;
        }
    }

    internal static bool LowsRise(EntryStore entries, nuint baseIndex, ulong compared, ulong low)
    {
        ulong difference = 0;
        for (nuint i = 0; i < RmpProtocol.LastSubpage; i++)
        {
            nuint index = InOrder(i);
            difference |= (Volatile.Read(ref entries.Low(baseIndex + index)) & compared) ^ (low + ((ulong)index << 12));
        }

        return difference == 0;
    }

    internal static bool HighsAre(EntryStore entries, nuint baseIndex, ulong high)
    {
        ulong difference = 0;
        for (nuint i = 0; i < RmpProtocol.LastSubpage; i++)
        {
            difference |= Volatile.Read(ref entries.High(baseIndex + InOrder(i))) ^ high;
        }

        return difference == 0;
    }
#pragma warning restore CS0436

    private static nuint InOrder(nuint i) => Scheduler.IsBackwards ? RmpProtocol.LastSubpage - i : i + 1;
}
