using FastRmp.Cli.CrossCheck;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.DirectMap;

/// <summary>One row for each 2 MiB region that is mapped by 4 KiB leaves.</summary>
internal sealed class DirectMapTsv(RowWriter rows) : DirectMapSink(rows)
{
    internal override bool WantsRanges => false;

    internal override void Begin(DirectMapReport report)
    {
    }

    internal override void BeginList(string name)
    {
    }

    internal override void Add(PhysicalRange range)
    {
    }

    internal override void Add(in DirectMapSplit split)
    {
        Word(split.VirtualAddress.Value);
        Word(split.Start.Value);
        Number(split.Leaves);
        Number(split.Holes);
        Number(split.Unmapped);
        Number(split.Kernel4K);
        Word(split.Table.Value);
        Word(split.FirstLeaf.Value);
        Reasons(split, ",", string.Empty);
        Rows.Char('\n');
        Rows.EndRow();
    }

    internal override void EndList()
    {
    }

    internal override void Add(RmpComparison comparison)
    {
    }

    internal override void End() => Rows.Flush();

    private void Word(ulong value)
    {
        Rows.Hex16(value);
        Rows.Char('\t');
    }

    private void Number(int value)
    {
        Rows.Decimal((ulong)value);
        Rows.Char('\t');
    }
}
