using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <content>The order in which the parts of a change show. Each mutant waits where the order is wrong, so that a reader surely looks
/// there.</content>
internal static partial class MutantList
{
    private const string AwaitReader = "global::FastRmp.Guarantee.Tests.Probes.RaceWindow.AwaitReader();";

    private static IEnumerable<Mutant> Orders =>
    [
        ByStress(
            "A page is assigned before the count has risen",
            new Edit(
                Update4K,
                "refusal = rmp.RaiseCount(ref baseWord, baseLow, page);",
                "{ held = RmpUpdateInstruction.Updated(rmp, old, wanted).Low | RmpEntry.LockMask; Volatile.Write(ref word, held); "
                    + $"{AwaitReader} refusal = rmp.RaiseCount(ref baseWord, baseLow, page); }}")),
        ByStress(
            "The count falls before the page is released",
            new Edit(Update4K, "Volatile.Write(ref word, RmpEntry.LockMask);", ""),
            new Edit(
                Update4K, "RmpProtocol.LowerCount(ref baseWord, baseLow);",
                $"RmpProtocol.LowerCount(ref baseWord, baseLow); {AwaitReader}")),
        ByStress(
            "RMPADJUST unlocks the entry before it has written the permissions",
            new Edit(Adjust, "Volatile.Write(ref rmp.Entries.High(target), next.High);", ""),
            new Edit(
                Adjust, "rmp.Publish(target, next.Low);",
                $"rmp.Publish(target, next.Low); {AwaitReader} Volatile.Write(ref rmp.Entries.High(target), next.High);")),
        ByStress(
            "A 2 MiB page is published before it is whole",
            new Edit(
                Update2M, "Volatile.Write(ref word, new LowQuadword(next.Low & ~(RmpEntry.ImmutableMask | RmpEntry.LockMask)).Taken);",
                $"Volatile.Write(ref word, next.Low); {AwaitReader}")),
    ];
}
