using FastRmp.Cli.CrossCheck;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.DirectMap;

/// <summary>What becomes of the parts of a report. The lists come one after the other and may be longer than memory.</summary>
internal abstract class DirectMapSink(RowWriter rows)
{
    /// <summary>Where the text goes.</summary>
    protected RowWriter Rows => rows;

    /// <summary>Whether the list of ranges and that of 1 GiB ranges are wanted.</summary>
    internal virtual bool WantsRanges => true;

    /// <summary>Before everything else.</summary>
    internal abstract void Begin(DirectMapReport report);

    /// <summary>Before the first range, 1 GiB range or 2 MiB region.</summary>
    internal abstract void BeginList(string name);

    /// <summary>The next mapped range.</summary>
    internal abstract void Add(PhysicalRange range);

    /// <summary>The next region or range that is split.</summary>
    internal abstract void Add(in DirectMapSplit split);

    /// <summary>After the last of a list.</summary>
    internal abstract void EndList();

    /// <summary>After the lists: the RMP beside the map.</summary>
    internal abstract void Add(RmpComparison comparison);

    /// <summary>After everything else.</summary>
    internal abstract void End();

    /// <summary>Names with a separator between them; <c>rejoinable</c> first if nothing speaks against a larger leaf.</summary>
    protected void Reasons(in DirectMapSplit split, string separator, string quote)
    {
        bool isFirst = true;
        if (split.IsRejoinable) Reason("rejoinable", separator, quote, ref isFirst);
        for (int index = 0; index < SplitReasonsExtensions.Count; index++)
        {
            if (split.Reasons.Has(index)) Reason(SplitReasonsExtensions.Name(index), separator, quote, ref isFirst);
        }
    }

    private void Reason(string name, string separator, string quote, ref bool isFirst)
    {
        if (!isFirst) rows.Text(separator);
        isFirst = false;
        rows.Text(quote);
        rows.Text(name);
        rows.Text(quote);
    }
}
