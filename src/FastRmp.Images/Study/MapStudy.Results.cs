namespace FastRmp.Images.Study;

/// <content>What came of it.</content>
internal sealed partial class MapStudy
{
    /// <summary>The best schedule's cost.</summary>
    internal OptimumResult Best => _optimum.Result();

    /// <summary>How the maps changed; null if nobody wrote it down.</summary>
    internal PolicyHistory[]? Histories => _recorder?.Finish(this);

    /// <summary>The present leaves of a policy's map.</summary>
    internal static LeafCounts Leaves(MapRun run) => new(run.Leaves1G, run.Leaves2M, run.Leaves4K);

    /// <summary>A policy's row.</summary>
    /// <param name="run">The policy.</param>
    /// <param name="start">Its leaves before the first event.</param>
    /// <param name="shared">What was counted for all policies.</param>
    internal StudyRow Row(MapRun run, LeafCounts start, ReplayCounts shared)
    {
        ReplayCounts counts = shared with
        {
            Violations = run.Violations,
            Handled = run.Handled,
            Fatal = run.Fatal,
            Splits1G = run.Splits1G,
            Splits2M = run.Splits2M,
            Rejoins2M = run.Joins2M,
            Rejoins1G = run.Joins1G,
        };
        run.ChangeTables(Now, 0);
        long duration = Now - _firstTime;
        double mean = duration <= 0 ? run.Tables : run.TableTime / duration;
        (long picoseconds, long walks) = Accesses(run);
        long tables = run.Splits1G + run.Splits2M;
        long compared = (run.Joins1G + run.Joins2M) * RegionPages;
        StudyCost cost = new(
            (tables * _costs.Table) + ((run.EntriesWritten + compared) * _costs.Leaf),
            (run.GlobalFlushes * _costs.GlobalFlush) + (run.RangedFlushes * _costs.RangedFlush),
            run.Handled * _costs.Fault,
            run.Scans * _costs.Scan,
            (picoseconds - _startExtra) / 1000.0);
        ReplayResult result = new(run.Variant.Name, counts, start, Leaves(run), run.Peak4K);
        return new StudyRow(
            result, run.GlobalFlushes, run.RangedFlushes, run.PeakTables, mean, run.Tables, _largeWalks + walks, walks - _startWalks,
            run.AdvisedBlocks, cost);
    }

    /// <summary>What host accesses cost a policy beyond a map of 2 MiB leaves.</summary>
    private (long Picoseconds, long Walks) Accesses(MapRun run)
    {
        (long picoseconds, long walks) = (run.ExtraPicoseconds, run.ExtraWalks);
        for (int region = 0; region < Regions; region++)
        {
            if ((_split[region] & run.Bit) == 0) continue;
            picoseconds += _smallExtra[region];
            walks += _smallWalks[region];
        }

        for (int range = 0; range < _giant.Length; range++)
        {
            if ((_giant[range] & run.Bit) == 0) continue;
            picoseconds += _giantExtra[range];
            walks += _giantWalks[range];
        }

        return (picoseconds, walks);
    }
}
