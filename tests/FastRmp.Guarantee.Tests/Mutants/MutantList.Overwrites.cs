using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <content>Locks that a 2 MiB instruction overwrites (rule 5).</content>
internal static partial class MutantList
{
    private const string Plain = "bool isPlain = RmpProtocol.IsPlain(seen, wasLarge);";
    private const string Publish2M = "Volatile.Write(ref word, next.Low);";
    private const string Write2M = "RegionEntries.WriteLows(rmp.Entries, baseIndex, next.Low & RmpEntry.AssignedMask);";
    private const string LockSmashed = "if (isPlain) RegionEntries.Lock(entries, baseIndex, LockHolder.Current);";
    private const string ReadOwn = "else if (Volatile.Read(ref word) != held) refusal = rmp.RegionContended();";
    private const string Raise = "else if (wanted.Assigned && !old.Assigned) refusal = rmp.RaiseCount(ref baseWord, baseLow, page);";

    private static IEnumerable<Mutant> Overwrites =>
    [
        BySchedules("A 2 MiB update does not look for locks", new Edit(Update2M, Plain, "bool isPlain = true;")),
        BySchedules(
            "A 2 MiB update looks for locks before it takes the base, as without a fence",
            new Edit(
                Update2M, "ulong prior = Interlocked.CompareExchange(ref word, low.Taken, low);",
                "RmpEntry early = RegionEntries.Union(rmp.Entries, baseIndex); "
                    + "ulong prior = Interlocked.CompareExchange(ref word, low.Taken, low);"),
            new Edit(Update2M, "CommitLarge(rmp, baseIndex, page, low, wanted);", "CommitLarge(rmp, baseIndex, page, low, wanted, early);"),
            new Edit(Update2M, "oldLow, RmpUpdateOperand wanted)", "oldLow, RmpUpdateOperand wanted, RmpEntry seen)"),
            new Edit(Update2M, "RmpEntry seen = RegionEntries.Union(rmp.Entries, baseIndex);", "")),
        BySchedules(
            "A 2 MiB update publishes entries before it has locked all",
            new Edit(Update2M, "if (isPlain) RegionEntries.Lock(rmp.Entries, baseIndex, LockHolder.Current);", "")),
        BySchedules(
            "A 2 MiB update publishes the base before the sub-entries are written",
            new Edit(Update2M, Write2M, ""), new Edit(Update2M, Publish2M, Publish2M + " " + Write2M)),
        BySchedules("PSMASH publishes entries before it has locked all", new Edit(Smash, LockSmashed, "")),
        BySchedules("A 4 KiB update does not read its entry after the base", new Edit(Update4K, ReadOwn, "")),
        BySchedules(
            "A 4 KiB update raises the count before it knows that it holds the lock",
            new Edit(Update4K, ReadOwn, ""),
            new Edit(
                Update4K, Raise,
                "else if (wanted.Assigned && !old.Assigned) { refusal = rmp.RaiseCount(ref baseWord, baseLow, page); "
                    + "if (refusal.IsSuccess && Volatile.Read(ref word) != held) { refusal = rmp.RegionContended(); "
                    + "RmpProtocol.LowerCount(ref baseWord, Volatile.Read(ref baseWord)); } }")),
        BySchedules(
            "A 4 KiB update gives up a lock that it no longer has",
            new Edit(Update4K, "Interlocked.CompareExchange(ref word, oldLow, held);", "Volatile.Write(ref word, oldLow);")),
        BySchedules("All locks look alike", new Edit(Low, "| RmpEntry.LockMask | holder;", "| RmpEntry.LockMask;")),
        BySchedules("VMRUN does not ask whether the base is taken", new Edit(Run, "!baseLow.IsTaken && ", "")),
        BySchedules("VMRUN does not ask whether its lock is still there", new Edit(Run, " && Volatile.Read(ref word) == held", "")),
    ];
}
