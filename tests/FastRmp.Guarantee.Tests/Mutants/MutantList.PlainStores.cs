using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <content>Counts and versions that a thread writes by plain stores. That places, and values of versions, are no two threads' is in
/// AsidCountersTests.</content>
internal static partial class MutantList
{
    private const string Raises = "if (OwnerChanges(old, wanted) && wanted.Assigned) rmp.RaiseAssignedPages(own, wanted.Asid, units);";
    private const string Lowers = "if (OwnerChanges(old, wanted) && old.Assigned) rmp.LowerAssignedPages(own, old.Asid, units);";
    private const string Swapped = "/* the other of both */";
    private const string FencedWrite = "if (releases) rmp.BeginFencedWrite(index, own); // the fence is that of LowerCount";
    private const string Published4K = """
                }

                Volatile.Write(ref word, next.Low);
        """;

    private static IEnumerable<Mutant> PlainStores =>
    [
        ByCountSchedules(
            "Versions are numbered, though more than one thread writes them",
            new Edit(Protocol, "own is not null ? AsidCounters.NextToken(own) : VersionToken.Next());", "Version(index) + 1);")),
        ByCountSchedules(
            "The version moves after the release is published",
            new Edit(Update4K, FencedWrite, "if (releases) { }"),
            new Edit(Update4K, Published4K, Published4K + " if (releases) rmp.BeginFencedWrite(index, own);")),
        ByCountSchedules(
            "The count of an ASID rises after the page is assigned, and falls before it is released",
            new Edit(Update, Lowers, Swapped), new Edit(Update, Raises, Lowers), new Edit(Update, Swapped, Raises)),
        ByCountSchedules(
            "The counts of the threads are added up once",
            new Edit(
                Counters, "(Sum(At(asid, Lowered)) == lowered && Sum(At(asid, Raised)) == raised) || attempt == MaxAttempts",
                "attempt > 0")),
    ];
}
