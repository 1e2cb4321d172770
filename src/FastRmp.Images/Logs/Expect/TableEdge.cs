using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Where a table or a segment begins or ends, with the 2 MiB block there.</summary>
/// <param name="Name">Which edge.</param>
/// <param name="At">The first byte of the table, or the one after it.</param>
internal sealed record TableEdge(string Name, ulong At)
{
    /// <summary>Whether no block is shared.</summary>
    internal bool IsAligned => (At & PageSize.Size2M.OffsetMask()) == 0;

    /// <summary>The block in which the edge lies.</summary>
    internal ulong Block => At & ~PageSize.Size2M.OffsetMask();

    /// <summary>All edges that logs name.</summary>
    internal static List<TableEdge> Of(LogReport report)
    {
        List<TableEdge> edges = [];
        foreach (LogFinding finding in report.Findings)
        {
            switch (finding)
            {
                case LoggedRmpTable table:
                    edges.Add(new TableEdge("start", table.Start));
                    edges.Add(new TableEdge("end", table.End + 1));
                    break;
                case LoggedRmpSegment segment:
                    edges.Add(new TableEdge(Text("start", segment.Index), segment.Table.Start));
                    edges.Add(new TableEdge(Text("end", segment.Index), segment.Table.End + 1));
                    break;
                case LoggedRmpFact { Fact: RmpFact.SegmentTable } table:
                    bool isExclusive = (table.Second & PageSize.Size4K.OffsetMask()) == 0;
                    edges.Add(new TableEdge("start", table.First));
                    edges.Add(new TableEdge("end", table.Second + (isExclusive ? 0UL : 1)));
                    break;
            }
        }

        return edges;
    }

    private static string Text(string edge, int index) => string.Create(CultureInfo.InvariantCulture, $"{edge} of segment {index}");
}
