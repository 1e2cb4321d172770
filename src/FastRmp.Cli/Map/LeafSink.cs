using FastRmp.Cli.Shell;
using FastRmp.Paging;

namespace FastRmp.Cli.Map;

/// <summary>One row a mapping.</summary>
internal sealed class LeafSink(RowWriter rows, MapFormat format) : MapSink(rows)
{
    private readonly long[] _leaves = new long[3];
    private bool _isFirst = true;

    internal override void Begin(MapHeader header)
    {
        if (format == MapFormat.Json) Rows.LongText(MapJsonHeader.Text(header, "mappings"));
        if (format == MapFormat.Text) Rows.Text("virtual address   physical address  size  flags      rights\n");
    }

    internal override void Add(in Mapping mapping)
    {
        _leaves[(int)mapping.Size]++;
        switch (format)
        {
            case MapFormat.Tsv:
                Columns(mapping, "\t", "\t");
                break;
            case MapFormat.Json:
                Member(mapping);
                break;
            default:
                Columns(mapping, "  ", "    ");
                Rows.Text("  ");
                Rights(mapping.Rights);
                Rows.Char((mapping.Rights & PagingRights.Execute) != 0 ? 'x' : '-');
                break;
        }

        if (format != MapFormat.Json) Rows.Char('\n');
        Rows.EndRow();
    }

    internal override void End()
    {
        if (format == MapFormat.Json) Rows.Text("\n]}\n");
        if (format == MapFormat.Text) Rows.LongText($"{_leaves[0]} mappings of 4K, {_leaves[1]} of 2M, {_leaves[2]} of 1G\n");
        Rows.Flush();
    }

    private void Columns(in Mapping mapping, string gap, string wideGap)
    {
        Rows.Hex16(mapping.VirtualAddress.Value);
        Rows.Text(gap);
        Rows.Hex16(mapping.Address.Value);
        Rows.Text(gap);
        Rows.Text(mapping.Size.ShortName());
        Rows.Text(wideGap);
        Flags(mapping);
    }

    private void Member(in Mapping mapping)
    {
        Rows.Text(_isFirst ? "\n" : ",\n");
        _isFirst = false;
        Rows.Text("{\"va\":\"");
        Rows.Hex(mapping.VirtualAddress.Value);
        Rows.Text("\",\"pa\":\"");
        Rows.Hex(mapping.Address.Value);
        Rows.Text("\",\"size\":\"");
        Rows.Text(mapping.Size.ShortName());
        Rows.Text("\",\"flags\":\"");
        Flags(mapping);
        Rows.Text("\"}");
    }
}
