using System;
using System.Globalization;
using FastRmp.Cli.CrossCheck;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.DirectMap;

/// <summary>For people: totals first, neighbours with the same reasons merged.</summary>
internal sealed class DirectMapText(RowWriter rows) : DirectMapSink(rows)
{
    private static readonly string[] Sentences =
    [
        "empty places (edge of RAM, hole)", "pages taken out of the map", "R/W differs", "NX differs", "U/S differs",
        "cache attributes differ", "C-bit differs",
        "G differs", "software bits differ", "KERNEL_4K mark", "A/D differ", "other frames", "split to 4K", "table not in the image",
        "made at boot", "split after boot",
    ];

    private SplitRun _run;
    private DirectMapTotals _totals;

    internal override void Begin(DirectMapReport report)
    {
        DirectMapLocation location = report.Location;
        _totals = report.Totals;
        string cpu = report.Cpu is null ? string.Empty : Say($" of processor {report.Cpu}");
        string root = location.RootKind switch
        {
            DirectMapRoot.KernelHalf => Say($"the kernel's half of the root{cpu}"),
            DirectMapRoot.Reference => "the kernel's reference tables",
            _ => Say($"root{cpu}"),
        };
        string bit = location.EncryptionMask == 0 ? string.Empty : Say($", C-bit {ulong.Log2(location.EncryptionMask)}");
        Line($"direct map at 0x{location.Base.Value:x}, {BaseSource(location.BaseSource)}");
        Line($"tables: {root} at 0x{location.Root.Value:x}, {(int)location.Mode.TopLevel()} levels{bit}");
        Line($"{"size",-4}{"leaves",14}{"kB",18}");
        Line($"{"4K",-4}{_totals.Leaves4K,14}{_totals.Kilobytes4K,18}");
        Line($"{"2M",-4}{_totals.Leaves2M,14}{_totals.Kilobytes2M,18}");
        Line($"{"1G",-4}{_totals.Leaves1G,14}{_totals.Kilobytes1G,18}");
        if (_totals.Unmapped4K + _totals.Unmapped2M + _totals.Unmapped1G != 0)
        {
            string giant = _totals.Unmapped1G == 0 ? string.Empty : Say($", {_totals.Unmapped1G} of 1G");
            Line($"taken out of the map: {_totals.Unmapped4K} of 4K, {_totals.Unmapped2M} of 2M{giant}");
        }

        if (_totals.Kernel4K != 0) Line($"marked KERNEL_4K: {_totals.Kernel4K}");
    }

    internal override void BeginList(string name)
    {
        switch (name)
        {
            case "ranges":
                Line($"mapped:");
                break;
            case "split_1g":
                Line($"1G ranges in smaller leaves: {_totals.Split1G}; nothing differs in {_totals.Rejoinable1G}");
                break;
            default:
                Line($"2M regions in 4K leaves: {_totals.Split2M}; nothing differs in {_totals.Rejoinable2M}");
                break;
        }
    }

    internal override void Add(PhysicalRange range)
    {
        Line($"  0x{range.Start.Value:x16}-0x{range.End - 1:x16}{range.Length >> 10,16} kB");
    }

    internal override void Add(in DirectMapSplit split)
    {
        if (_run.TryTake(split)) return;
        Close();
        _run = SplitRun.Begin(split);
    }

    internal override void EndList()
    {
        Close();
        _run = default;
    }

    internal override void Add(RmpComparison comparison)
    {
        Line($"RMP {RmpPlaces.Text(comparison.Rmp.Geometry)}, {RmpPlaces.FoundBy(comparison.Rmp.Source)}");
        Rows.LongText(CrossCheckText.Text(comparison.Report, listsFree: false));
    }

    internal override void End() => Rows.Flush();

    private static string BaseSource(DirectMapBaseSource baseSource) => baseSource switch
    {
        DirectMapBaseSource.Given => "as given",
        DirectMapBaseSource.PageOffsetBase => "found by VMCOREINFO (page_offset_base)",
        DirectMapBaseSource.MemorySections => "found by VMCOREINFO (mem_section)",
        _ => "found from the tables: the most memory at one constant distance",
    };

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Line(FormattableString text)
    {
        Rows.Text(text.ToString(CultureInfo.InvariantCulture));
        Rows.Char('\n');
        Rows.EndRow();
    }

    private void Close()
    {
        if (_run.Count == 0) return;
        DirectMapSplit first = _run.First;
        Rows.Text(Say($"  0x{first.Start.Value:x16}-0x{_run.End - 1:x16}{_run.Count,7}  "));
        string separator = string.Empty;
        if (first.IsRejoinable) Part("nothing differs: could be one leaf", ref separator);
        for (int index = 0; index < Sentences.Length; index++)
        {
            if (!first.Reasons.Has(index)) continue;
            long count = (SplitReasons)(1 << index) switch
            {
                SplitReasons.Holes => _run.Holes,
                SplitReasons.Unmapped => _run.Unmapped,
                SplitReasons.Kernel4K => _run.Kernel4K,
                SplitReasons.Smaller => _run.Smaller,
                _ => 0,
            };
            Part(count == 0 ? Sentences[index] : Say($"{count} {Sentences[index]}"), ref separator);
        }

        Rows.Char('\n');
        Rows.EndRow();
    }

    private void Part(string text, ref string separator)
    {
        Rows.Text(separator);
        Rows.Text(text);
        separator = ", ";
    }
}
