using FastRmp.Cli.Shell;
using FastRmp.Paging;

namespace FastRmp.Cli.Map;

/// <summary>One row for each range of adjacent pages with equal rights, whatever their sizes and targets. No-execute does not count, as in
/// QEMU's <c>info mem</c>.</summary>
/// <remarks>A range that ends with the address space has the end 0, as 64 bits make it.</remarks>
internal sealed class RangeSink(RowWriter rows, MapFormat format) : MapSink(rows)
{
    private const PagingRights Counted = PagingRights.User | PagingRights.Write;

    private long _ranges;
    private ulong _start;
    private ulong _end;
    private PagingRights _rights;
    private bool _isOpen;

    internal override void Begin(MapHeader header)
    {
        if (format == MapFormat.Json) Rows.LongText(MapJsonHeader.Text(header, "ranges"));
        if (format == MapFormat.Text) Rows.Text("start             end               length            rights\n");
    }

    internal override void Add(in Mapping mapping)
    {
        ulong start = mapping.VirtualAddress.Value;
        PagingRights rights = mapping.Rights & Counted;
        if (!_isOpen || start != _end || rights != _rights)
        {
            Close();
            _start = start;
            _rights = rights;
            _isOpen = true;
        }

        _end = start + mapping.Size.Bytes();
    }

    internal override void End()
    {
        Close();
        if (format == MapFormat.Json) Rows.Text("\n]}\n");
        if (format == MapFormat.Text) Rows.LongText($"{_ranges} ranges\n");
        Rows.Flush();
    }

    private void Close()
    {
        if (!_isOpen) return;
        if (format == MapFormat.Json)
        {
            Member();
        }
        else
        {
            string gap = format == MapFormat.Tsv ? "\t" : "  ";
            Rows.Hex16(_start);
            Rows.Text(gap);
            Rows.Hex16(_end);
            Rows.Text(gap);
            Rows.Hex16(_end - _start);
            Rows.Text(gap);
            Rows.Text(RightsText(_rights));
            Rows.Char('\n');
        }

        _ranges++;
        Rows.EndRow();
    }

    private void Member()
    {
        Rows.Text(_ranges == 0 ? "\n" : ",\n");
        Rows.Text("{\"start\":\"");
        Rows.Hex(_start);
        Rows.Text("\",\"end\":\"");
        Rows.Hex(_end);
        Rows.Text("\",\"length\":\"");
        Rows.Hex(_end - _start);
        Rows.Text("\",\"rights\":\"");
        Rows.Text(RightsText(_rights));
        Rows.Text("\"}");
    }
}
