using FastRmp.Paging;

namespace FastRmp.Cli.Walk;

/// <summary>The outcome of a row.</summary>
/// <param name="Fault">Whether the access ended in a page fault.</param>
/// <param name="Err">Its error code.</param>
/// <param name="Pa">The physical address without a fault; <c>-</c>, too, if the address is not canonical.</param>
/// <param name="PteAfter">The PTE afterwards, if the row has one.</param>
/// <param name="PdeAfter">The PDE afterwards, if the row has one: a PDPE of 1 GiB has none below it.</param>
internal readonly record struct RowWalk(bool Fault, RowCell Err, RowCell Pa, RowCell PteAfter, RowCell PdeAfter)
{
    /// <summary>Performs the accesses of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="processor">The processor, with the row's width.</param>
    internal static RowWalk Of(RowParser row, ProcessorModel processor)
    {
        PagingState state = new(
            new Cr3(row[RowColumn.Cr3].Value).Table,
            PageArithmetic.ModeOf(row.IsFiveLevel),
            processor,
            row.IsSet(RowColumn.Wp),
            row.IsSet(RowColumn.Nxe),
            row.IsSet(RowColumn.Smep),
            row.IsSet(RowColumn.Smap),
            row.IsSet(RowColumn.Pke) ? new Pkru(row[RowColumn.Pkru].Value) : null);
        RowTables tables = new(row);
        NoCheck check = default;
        VirtualAddress address = new(row[RowColumn.Va].Value);
        if (row.IsSet(RowColumn.Twice)) _ = PageWalker.Access(ref tables, state, address, MemoryAccess.KernelRead, ref check);
        WalkResult result = PageWalker.Access(ref tables, state, address, new MemoryAccess(row.Kind, row.IsSet(RowColumn.User)), ref check);
        bool isFault = result.Status is not (WalkStatus.Mapped or WalkStatus.NonCanonical);
        return new RowWalk(
            isFault,
            isFault ? RowCell.Of(result.ErrorCode) : RowCell.None,
            result.IsMapped ? RowCell.Of(result.Address.Value) : RowCell.None,
            row[RowColumn.Pte].Applies ? RowCell.Of(tables[PagingLevel.PageTable]) : RowCell.None,
            row[RowColumn.Pde].Applies ? RowCell.Of(tables[PagingLevel.PageDirectory]) : RowCell.None);
    }

    /// <summary>The first expected column that says something else; null if there is none.</summary>
    internal RowColumn? Difference(RowParser row, RowLayout layout)
    {
        if (layout.Has(RowColumn.Fault) && row.IsSet(RowColumn.Fault) != Fault) return RowColumn.Fault;
        if (layout.Has(RowColumn.Err) && row[RowColumn.Err] != Err) return RowColumn.Err;
        if (layout.Has(RowColumn.Pa) && row[RowColumn.Pa] != Pa) return RowColumn.Pa;
        if (layout.Has(RowColumn.PteAfter) && row[RowColumn.PteAfter] != PteAfter) return RowColumn.PteAfter;
        ulong compared = layout.Has(RowColumn.PdeIgnore) ? ~row[RowColumn.PdeIgnore].Value : ulong.MaxValue;
        if (!layout.Has(RowColumn.PdeAfter)) return null;
        RowCell expected = row[RowColumn.PdeAfter];
        return expected.Applies != PdeAfter.Applies || ((expected.Value ^ PdeAfter.Value) & compared) != 0 ? RowColumn.PdeAfter : null;
    }

    /// <summary>The value of an expected column as it came out.</summary>
    internal RowCell Cell(RowColumn column) => column switch
    {
        RowColumn.Fault => RowCell.Of(Fault ? 1UL : 0UL),
        RowColumn.Err => Err,
        RowColumn.Pa => Pa,
        RowColumn.PteAfter => PteAfter,
        _ => PdeAfter,
    };
}
