namespace FastRmp.Images;

/// <summary>What firmware's PAGE_UNSMASH leaves behind, for a replay that knows no firmware states: 512 entries of one owner become one
/// entry of 2 MiB.</summary>
internal static class PageUnsmash
{
    private static ExecutionState Processor => ExecutionState.Host with { SnpEnabled = true };

    /// <summary>Joins the entries of the region around a page.</summary>
    /// <returns>Whether they could be joined: assigned to one ASID, with guest addresses that are one 2 MiB page.</returns>
    internal static bool TryJoin(ReverseMapTable<ContiguousGeometry> table, PhysicalAddress page)
    {
        PhysicalAddress start = page.AlignDown(PageSize.Size2M);
        RmpLookup first = table.Lookup(start);
        ulong gpa = first.Entry.Gpa.Value;
        if (!first.IsAssigned || first.Size != PageSize.Size4K || (gpa & PageSize.Size2M.OffsetMask()) != 0) return false;
        for (ulong offset = 0; offset < PageSize.Size2M.Bytes(); offset += PageSize.Size4K.Bytes())
        {
            RmpLookup one = table.Lookup(start + offset);
            if (!one.IsAssigned || one.Entry.Asid != first.Entry.Asid || one.Entry.Gpa.Value != gpa + offset) return false;
        }

        RmpUpdateOperand large = new()
        {
            Assigned = true,
            PageSize = PageSize.Size2M,
            Asid = first.Entry.Asid,
            Gpa = gpa,
        };
        for (ulong offset = 0; offset < PageSize.Size2M.Bytes(); offset += PageSize.Size4K.Bytes())
        {
            if (!Update(table, start + offset, default)) return false;
        }

        return Update(table, start, large);
    }

    private static bool Update(ReverseMapTable<ContiguousGeometry> table, PhysicalAddress page, in RmpUpdateOperand operand) =>
        table.RmpUpdate(Processor, page, operand, RetryRule.Any, long.MaxValue, out _).IsSuccess;
}
