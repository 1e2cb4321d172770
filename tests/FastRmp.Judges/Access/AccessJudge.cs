using System.Globalization;
using System.Text;
using FastRmp.Paging;

namespace FastRmp.Judges.Access;

/// <summary>
/// Single accesses through the paging structures of one address, with the results that kvm-unit-tests expects of them: fault and code,
/// address, the two lowest entries afterwards.
/// </summary>
/// <remarks>The rows follow Intel's rule for I/D of the error code: the <c>Intel</c> preset, with the row's width.</remarks>
internal static class AccessJudge
{
    private static readonly string[] Columns =
    [
        "id", "levels", "maxphyaddr", "cr3", "wp", "nxe", "smep", "smap", "pke", "pkru", "va", "user", "kind", "twice", "pml5e", "pml4e",
        "pdpte", "pde", "pte",
        "fault", "err", "pa", "pte_after", "pde_after", "pde_ignore",
    ];

    internal static RowCounts Run(string file, RowCounts counts)
    {
        using Rows rows = Rows.Open(file, Columns);
        while (rows.Next())
        {
            string difference = Difference(rows);
            if (difference.Length == 0) counts.Equal();
            else counts.Differs($"row {rows["id"]}: {rows["kind"]} of {rows["va"]}, user {rows["user"]}", difference);
        }

        return counts;
    }

    private static string Difference(Rows rows)
    {
        int levels = rows.Number("levels", 4, 5);
        ulong root = rows.Hex("cr3");
        if (!PhysicalAddress.TryCreate(root, out PhysicalAddress table) || !table.IsAligned(PageSize.Size4K)) throw rows.BadValue("cr3");
        PagingState state = new(
            table,
            levels == 5 ? PagingMode.FiveLevel : PagingMode.FourLevel,
            ProcessorModel.Intel with { PhysicalAddressWidth = rows.Number("maxphyaddr", 36, 52) },
            rows.Flag("wp"),
            rows.Flag("nxe"),
            rows.Flag("smep"),
            rows.Flag("smap"),
            rows.Flag("pke") ? new Pkru(rows.Hex("pkru")) : null);
        VirtualAddress address = new(rows.Hex("va"));
        MemoryAccess access = new((AccessKind)rows.OneOf("kind", "r", "w", "x"), rows.Flag("user"));
        AccessMemory memory = new(rows, address, levels);
        NoCheck check = default;
        if (rows.Flag("twice")) _ = PageWalker.Access(ref memory, state, address, MemoryAccess.KernelRead, ref check);
        WalkResult result = PageWalker.Access(ref memory, state, address, access, ref check);

        StringBuilder lines = new();
        bool faults = rows.Flag("fault");
        if (result.IsMapped == faults) Line(lines, "fault", faults ? 1UL : 0, result.IsMapped ? 0 : 1UL);
        if (faults) Compare(lines, "err", rows.Hex("err"), result.ErrorCode);
        else if (result.IsMapped) Compare(lines, "pa", rows.Hex("pa"), result.Address.Value);
        if (rows.Has("pte_after")) Compare(lines, "pte_after", rows.Hex("pte_after"), memory[PagingLevel.PageTable]);
        ulong compared = ~rows.HexOrZero("pde_ignore");
        if (rows.Has("pde_after"))
        {
            Compare(lines, "pde_after", rows.Hex("pde_after") & compared, memory[PagingLevel.PageDirectory] & compared);
        }

        return lines.ToString().TrimEnd('\n');
    }

    private static void Compare(StringBuilder lines, string column, ulong expected, ulong actual)
    {
        if (expected != actual) Line(lines, column, expected, actual);
    }

    private static void Line(StringBuilder lines, string column, ulong expected, ulong actual) =>
        lines.Append(CultureInfo.InvariantCulture, $"{column}: expected {expected:x}, is {actual:x}\n");
}
