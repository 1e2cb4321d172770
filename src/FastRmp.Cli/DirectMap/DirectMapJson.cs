using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using FastRmp.Cli.CrossCheck;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.DirectMap;

/// <summary>One object; its lists are written row by row.</summary>
internal sealed class DirectMapJson(RowWriter rows) : DirectMapSink(rows)
{
    private bool _isFirst;

    internal override void Begin(DirectMapReport report)
    {
        DirectMapLocation location = report.Location;
        DirectMapTotals totals = report.Totals;
        string cpu = report.Cpu?.ToString(CultureInfo.InvariantCulture) ?? "null";
        string bit = location.EncryptionMask == 0 ? "null" : Say($"{ulong.Log2(location.EncryptionMask)}");
        string giant = totals.Unmapped1G == 0 ? string.Empty : Say($"\"unmapped_1g\":{totals.Unmapped1G},");
        StringBuilder text = new();
        text.Append(Say(
            $"{{\"image\":\"{JsonEncodedText.Encode(report.Image)}\",\"cpu\":{cpu},\"root\":\"0x{location.Root.Value:x}\",\"root_kind\":\"{report.RootKind}\","));
        text.Append(Say(
            $"\"levels\":{(int)location.Mode.TopLevel()},\"c_bit\":{bit},\"base\":\"0x{location.Base.Value:x}\",\"found_by\":\"{report.FoundBy}\",\n"));
        text.Append(Say($"\"leaves_4k\":{totals.Leaves4K},\"leaves_2m\":{totals.Leaves2M},\"leaves_1g\":{totals.Leaves1G},"));
        text.Append(Say(
            $"\"direct_map_4k_kb\":{totals.Kilobytes4K},\"direct_map_2m_kb\":{totals.Kilobytes2M},\"direct_map_1g_kb\":{totals.Kilobytes1G},\n"));
        text.Append(Say(
            $"\"unmapped_4k\":{totals.Unmapped4K},\"unmapped_2m\":{totals.Unmapped2M},{giant}\"marked_kernel_4k\":{totals.Kernel4K},\"absent_tables\":{report.AbsentTables},"));
        text.Append(Say(
            $"\"split_2m_count\":{totals.Split2M},\"split_1g_count\":{totals.Split1G},\"rejoinable_2m_count\":{totals.Rejoinable2M},\"rejoinable_1g_count\":{totals.Rejoinable1G},\n\"reasons\":{{"));
        for (int index = 0; index < report.ReasonCounts.Length; index++)
        {
            text.Append(Say($"{(index == 0 ? string.Empty : ",")}\"{SplitReasonsExtensions.Name(index)}\":{report.ReasonCounts[index]}"));
        }

        text.Append('}');
        Rows.LongText(text.ToString());
    }

    internal override void BeginList(string name)
    {
        Rows.Text(",\n\"");
        Rows.Text(name);
        Rows.Text("\":[");
        _isFirst = true;
    }

    internal override void Add(PhysicalRange range)
    {
        BeginRow();
        Address("{\"start\":\"", range.Start.Value);
        Address("\",\"end\":\"", range.End);
        Rows.Text("\"}");
        Rows.EndRow();
    }

    internal override void Add(in DirectMapSplit split)
    {
        BeginRow();
        Address("{\"va\":\"", split.VirtualAddress.Value);
        Address("\",\"pa\":\"", split.Start.Value);
        Number("\",\"leaves\":", split.Leaves);
        Number(",\"holes\":", split.Holes);
        Number(",\"unmapped\":", split.Unmapped);
        Number(",\"marked\":", split.Kernel4K);
        if (split.Size == PageSize.Size1G) Number(",\"smaller\":", split.Smaller);
        Address(",\"table\":\"", split.Table.Value);
        Address("\",\"first_leaf\":\"", split.FirstLeaf.Value);
        Rows.Text("\",\"reasons\":[");
        Reasons(split, ",", "\"");
        Rows.Text("]}");
        Rows.EndRow();
    }

    internal override void EndList() => Rows.Text("]");

    internal override void Add(RmpComparison comparison)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName("place");
            RmpJson.Write(json, comparison.Rmp);
            json.WritePropertyName("direct_map");
            CrossCheckJson.Write(json, comparison.Report);
            json.WriteEndObject();
        }

        Rows.Text(",\n\"rmp\":");
        Rows.LongText(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    internal override void End()
    {
        Rows.Text("}\n");
        Rows.Flush();
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void BeginRow()
    {
        Rows.Text(_isFirst ? "\n" : ",\n");
        _isFirst = false;
    }

    private void Address(string name, ulong value)
    {
        Rows.Text(name);
        Rows.Hex(value);
    }

    private void Number(string name, int value)
    {
        Rows.Text(name);
        Rows.Decimal((ulong)value);
    }
}
