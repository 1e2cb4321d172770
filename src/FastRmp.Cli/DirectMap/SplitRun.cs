using FastRmp.Images;

namespace FastRmp.Cli.DirectMap;

/// <summary>Neighbours that are split for the same reasons.</summary>
internal struct SplitRun
{
    /// <summary>The first of them.</summary>
    internal DirectMapSplit First { get; private set; }

    internal long Count { get; private set; }

    internal ulong End { get; private set; }

    internal long Holes { get; private set; }

    internal long Unmapped { get; private set; }

    internal long Kernel4K { get; private set; }

    internal long Smaller { get; private set; }

    internal static SplitRun Begin(in DirectMapSplit split)
    {
        SplitRun run = new() { First = split, End = split.Start.Value };
        run.Take(split);
        return run;
    }

    /// <summary>Takes the next one, if it continues the run.</summary>
    internal bool TryTake(in DirectMapSplit split)
    {
        if (Count == 0 || split.Start.Value != End || split.Reasons != First.Reasons) return false;
        Take(split);
        return true;
    }

    private void Take(in DirectMapSplit split)
    {
        Count++;
        End = split.Start.Value + split.Size.Bytes();
        Holes += split.Holes;
        Unmapped += split.Unmapped;
        Kernel4K += split.Kernel4K;
        Smaller += split.Smaller;
    }
}
