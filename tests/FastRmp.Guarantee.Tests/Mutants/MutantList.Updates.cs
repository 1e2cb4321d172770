using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <content>RMPUPDATE and PSMASH.</content>
internal static partial class MutantList
{
    private const string KeptOnRelease =
        "if (!wanted.Assigned) return new RmpEntry(old.Low & ~(RmpEntry.AssignedMask | RmpEntry.PageSizeMask | "
            + "RmpEntry.SubpageCountMask), old.High);";

    private static IEnumerable<Mutant> Updates =>
    [
        BySimulation(
            "RMPUPDATE changes what firmware holds", Low, "=> (_value & (RmpEntry.LockMask | RmpEntry.ImmutableMask)) != 0;",
            "=> (_value & (RmpEntry.LockMask | RmpEntry.ImmutableMask)) == RmpEntry.LockMask;"),
        BySimulation("Validated is kept when the guest address changes", Update, "compared != (old.Low & RmpEntry.GpaMask) || ", ""),
        BySimulation("Validated is kept when the ASID changes", Update, "wanted.Asid != old.Asid || compared", "compared"),
        ByReference(
            "Validated is kept when a page is assigned that nobody had", Update, "|| !old.Assigned || wanted.Asid == 0;",
            "|| wanted.Asid == 0;"),
        ByReference("A release keeps the old fields", Update, "if (!wanted.Assigned) return default;", KeptOnRelease),
        new Mutant(
            "Validated is kept over a release",
            DetectedBy.Simulation,
            [
                new Edit(Update, "if (!wanted.Assigned) return default;", KeptOnRelease),
                new Edit(Update, "|| !old.Assigned || wanted.Asid == 0;", "|| wanted.Asid == 0;"),
            ]),
        new Mutant(
            "Validated is kept when a small page becomes a large one",
            DetectedBy.Simulation,
            [
                new Edit(Update2M, "=> !low.IsLarge && (low.IsAssigned || low.HasCount);", "=> !low.IsLarge && low.HasCount;"),
                new Edit(Update, " || wanted.PageSize != old.PageSize", ""),
            ]),
        BySimulation(
            "The VMPLs keep their permissions when a page changes hands", Update, "new RmpEntry(low, reset ? rmp.FreshHigh : old.High)",
            "new RmpEntry(low, old.Assigned ? old.High : rmp.FreshHigh)"),
        ByReference(
            "An unassigned page can be immutable", Update, "if (!wanted.Assigned && (wanted.Immutable || wanted.Asid != 0)) return false;",
            ""),
        ByReference("Any ASID is accepted", Update, "return wanted.Asid <= rmp.MaxAsid;", "return true;"),
        ByReference("The mask of guest addresses is not applied", Update, "wanted.Gpa & rmp.GpaMask;", "wanted.Gpa & RmpEntry.GpaMask;"),
        ByReference(
            "A 2 MiB page is laid over small ones", Update2M, "=> !low.IsLarge && (low.IsAssigned || low.HasCount);", "=> false;"),
        ByReference("A 2 MiB page is laid over one that is fixed", Update2M, "refuseImmutable: !wasLarge", "refuseImmutable: false"),
        BySimulation(
            "A hole can be made in a 2 MiB page", Protocol, "=> (baseLow & _blockedBase) == 0 && !baseLow.IsFrozen;",
            "=> !baseLow.IsFrozen;"),
        ByReference(
            "RMPUPDATE takes a page in use", Update4K, "if (looksBeside && rmp.HasUse(page)) refusal",
            "if (page.Value == ulong.MaxValue) refusal"),
        ByReference(
            "PSMASH splits a page in use",
            Smash,
            """
                    if (rmp.HasUse(page))
            """,
            """
                    if (page.Value == ulong.MaxValue)
            """),
        ByReference(
            "PSMASH drops Validated", Smash, "~(RmpEntry.PageSizeMask | RmpEntry.SubpageCountMask);",
            "~(RmpEntry.PageSizeMask | RmpEntry.SubpageCountMask | RmpEntry.ValidatedMask);"),
        BySimulation(
            "PSMASH sets Validated", Smash, "WriteRising(entries, baseIndex, small, rmp.GpaMask);",
            "WriteRising(entries, baseIndex, small | RmpEntry.ValidatedMask, rmp.GpaMask);"),
        BySimulation(
            "PSMASH gives all pieces the first one's address", Smash, "WriteRising(entries, baseIndex, small, rmp.GpaMask);",
            "WriteLows(entries, baseIndex, small); RegionEntries.WriteHighs(entries, baseIndex, high);"),
        ByReference(
            "PSMASH counts 510 pieces", Smash, "small | RmpEntry.SubpageCountMask);",
            "small | (RmpEntry.SubpageCountMask - RmpProtocol.OneSubpage));"),
        ByReference(
            "PSMASH does not copy the permissions", Smash, "RegionEntries.WriteHighs(entries, baseIndex, high);",
            "RegionEntries.WriteHighs(entries, baseIndex, rmp.FreshHigh);"),
    ];

    private static IEnumerable<Mutant> Counts =>
    [
        BySimulation(
            "The count does not rise when a page is assigned", Protocol, "MoveCount(seen, OneSubpage), seen)", "MoveCount(seen, 0), seen)"),
        ByReference(
            "The count rises by two when a page is assigned", Protocol, "MoveCount(seen, OneSubpage), seen)",
            "MoveCount(seen, OneSubpage + OneSubpage), seen)"),
        BySimulation(
            "The count falls by two when a page is released", Protocol, "MoveCount(seen, MinusOneSubpage), seen)",
            "MoveCount(seen, unchecked(MinusOneSubpage + MinusOneSubpage)), seen)"),
        ByReference(
            "The count does not fall when a page is released", Protocol, "MoveCount(seen, MinusOneSubpage), seen)",
            "MoveCount(seen, 0), seen)"),
        ByReference("The counters of the ASIDs do not move", Protocol, "=> asid != 0 || CountsAsidZero;", "=> CountsAsidZero;"),
        ByReference("A 2 MiB page counts once for its ASID", Protocol, "choices.CountLargePageAsOne ? 1 : PageSize.Size2M.Pages()", "1"),
    ];
}
