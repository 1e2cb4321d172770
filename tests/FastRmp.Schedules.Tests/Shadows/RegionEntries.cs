using System.Threading;
using FastRmp.Schedules.Tests;

namespace FastRmp;

/// <summary>Takes the place of the library's class in this assembly: quadword by quadword, and before each access the schedule may let
/// another thread run.</summary>
/// <remarks>Vectors have no order among their quadwords. So the low quadword of an entry is written before the high one, which is the worse
/// order, and the entries from the first to the last or from the last to the first, as <see cref="Scheduler.IsBackwards"/>
/// says.</remarks>
internal static class RegionEntries
{
#pragma warning disable CS0436 // the shadow is meant
    internal static bool AnyOf(EntryStore entries, nuint baseIndex, ulong mask)
    {
        ulong seen = 0;
        for (nuint i = 0; i <= RmpProtocol.LastSubpage; i++)
        {
            seen |= Volatile.Read(ref entries.Low(baseIndex + InOrder(i)));
        }

        return (seen & mask) != 0;
    }

    internal static void Fill(EntryStore entries, nuint baseIndex, ulong low, ulong high)
    {
        for (nuint i = 0; i <= RmpProtocol.LastSubpage; i++)
        {
            if (InOrder(i) == 0) continue;
            Volatile.Write(ref entries.Low(baseIndex + InOrder(i)), low);
            Volatile.Write(ref entries.High(baseIndex + InOrder(i)), high);
        }
    }
#pragma warning restore CS0436

    private static nuint InOrder(nuint i) => Scheduler.IsBackwards ? RmpProtocol.LastSubpage - i : i;
}
