using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <content>What keeps the verdicts of translation caches from growing old.</content>
internal static partial class MutantList
{
    private static IReadOnlyList<Mutant> Caches =>
    [
        ByCacheSchedules(
            "TLB: a look into the first level does not compare the stamp",
            new Edit(Cache, "entry.StampNumber)) == entry.Stamp)", "entry.StampNumber)) != ulong.MaxValue)")),
        ByCacheSchedules(
            "TLB: nor does one into the second",
            new Edit(CacheLevels, "if (Volatile.Read(ref _stamps[entry.StampNumber]) != entry.Stamp) continue;", "")),
        ByCacheSchedules(
            "TLB: the stamp is read after the RMP was asked",
            new Edit(
                CacheWalks,
                """
                            Found.Begin(table, stamps, address);
                            return _check.MayAccess(address, mapping, kind);
                """,
                """
                            bool may = _check.MayAccess(address, mapping, kind);
                            Found.Begin(table, stamps, address);
                            return may;
                """)),
        ByCacheSchedules(
            "TLB: a verdict is kept while a change is under way",
            new Edit(CacheLevels, "if (!EntryChanges.IsAtRest(found.Stamp)) return;", "")),
        ByCacheSchedules(
            "TLB: RMPUPDATE counts before it publishes alone",
            new Edit(
                Host,
                """
                        RmpResult result = UpdateUncounted(page, operand);
                        EntryChanges.End(begun, stamp);
                        return result;
                """,
                """
                        EntryChanges.End(begun, stamp);
                        return UpdateUncounted(page, operand);
                """)),
        ByCacheSchedules(
            "TLB: RMPUPDATE counts after it has published alone",
            new Edit(
                Host,
                """
                        ulong[]? begun = BeginChange(page, out uint stamp);
                        RmpResult result = UpdateUncounted(page, operand);
                """,
                """
                        RmpResult result = UpdateUncounted(page, operand);
                        ulong[]? begun = BeginChange(page, out uint stamp);
                """)),
        ByCacheSchedules(
            "TLB: the verdict on one page is another's, though uses differ",
            new Edit(CacheWalks, "IsOfOnePage = protocol.InUse.Any && protocol.InUse.StampRegion(page).IsInUse;", "")),
        ByCacheSchedules(
            "TLB: who has caught up does not look again",
            new Edit(CacheLevels, "while (_domain is not null && _domain.Posted != _seen);", "while (false);")),
        ByCacheSchedules(
            "TLB: a walk that an invalidation overtook is not made again",
            new Edit(CacheWalks, "return _domain.Posted != _seen;", "return false;")),
    ];
}
