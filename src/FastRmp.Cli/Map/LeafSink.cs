using System;
using FastRmp.Cli.Shell;
using FastRmp.Paging;

namespace FastRmp.Cli.Map;

/// <summary>One row a mapping.</summary>
internal sealed class LeafSink(RowWriter rows, MapFormat format) : MapSink(rows)
{
    private const int TextRow = 58;
    private const int TsvRow = 47;

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
                Tsv(mapping);
                break;
            case MapFormat.Json:
                Member(mapping);
                break;
            default:
                Text(mapping);
                break;
        }

        Rows.EndRow();
    }

    internal override void End()
    {
        if (format == MapFormat.Json) Rows.Text("\n]}\n");
        if (format == MapFormat.Text) Rows.LongText($"{_leaves[0]} mappings of 4K, {_leaves[1]} of 2M, {_leaves[2]} of 1G\n");
        Rows.Flush();
    }

    // The columns have fixed widths: a row is filled in one piece.
    private void Text(in Mapping mapping)
    {
        Span<byte> row = Rows.Take(TextRow);
        HexText.Write16(mapping.VirtualAddress.Value, row);
        "  "u8.CopyTo(row[16..]);
        HexText.Write16(mapping.Address.Value, row[18..]);
        "  "u8.CopyTo(row[34..]);
        SizeText(mapping.Size).CopyTo(row[36..]);
        "    "u8.CopyTo(row[38..]);
        Flags(mapping).CopyTo(row[42..]);
        "  "u8.CopyTo(row[51..]);
        RightsText(mapping.Rights).CopyTo(row[53..]);
        row[56] = (mapping.Rights & PagingRights.Execute) != 0 ? (byte)'x' : (byte)'-';
        row[57] = (byte)'\n';
    }

    private void Tsv(in Mapping mapping)
    {
        Span<byte> row = Rows.Take(TsvRow);
        HexText.Write16(mapping.VirtualAddress.Value, row);
        row[16] = (byte)'\t';
        HexText.Write16(mapping.Address.Value, row[17..]);
        row[33] = (byte)'\t';
        SizeText(mapping.Size).CopyTo(row[34..]);
        row[36] = (byte)'\t';
        Flags(mapping).CopyTo(row[37..]);
        row[46] = (byte)'\n';
    }

    private static ReadOnlySpan<byte> SizeText(PageSize size) => size switch
    {
        PageSize.Size4K => "4K"u8,
        PageSize.Size2M => "2M"u8,
        _ => "1G"u8,
    };

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
        Rows.Text(Flags(mapping));
        Rows.Text("\"}");
    }
}
