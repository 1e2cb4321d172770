using System;
using System.Collections.Generic;
using FastRmp.Paging;

namespace FastRmp.Judges.Nested;

/// <summary>
/// Single accesses of guests through random guest and nested tables, as QEMU and Bochs made them: outcome, codes, addresses, and the
/// entries afterwards.
/// </summary>
/// <remarks>
/// A disputed row counts as left out. Where the dispute is about one rule it is still walked by the emulators' side of that rule, and
/// differs if anything else does:
/// with <c>pf-id</c> a fetch is reported with SMEP alone, <c>bit8</c> ignores bit 8 of upper entries, and <c>npf-id</c> has its bit in the
/// row's own mask. <c>far</c> is not looked at.
/// </remarks>
internal static class NestedJudge
{
    private const string FarAddress = "far";
    private const string UpperBit8 = "bit8";
    private const string GuestFetch = "pf-id";
    private const string NestedFetch = "npf-id";

    private static readonly string[] Columns =
    [
        "emu", "id", "glev", "hlev", "width", "gib", "wp", "nxe", "smep", "smap", "ac", "cpl", "pke", "pkru", "hnxe", "hsmep", "hsmap",
        "hwp", "cr3", "ncr3", "kind", "va",
        "outcome", "code", "ignore", "info2", "spa", "marks", "disputed", "note", "entries",
    ];

    internal static RowCounts Run(string file, RowCounts counts)
    {
        using Rows rows = Rows.Open(file, Columns);
        NestedMemory memory = new();
        while (rows.Next())
        {
            Judge(rows, ref memory, counts);
        }

        return counts;
    }

    private static void Judge(Rows rows, ref NestedMemory memory, RowCounts counts)
    {
        List<NestedEntry> entries = Entries(rows);
        NestedExpectation expected = NestedExpectation.Of(rows);
        string[] disputes = rows.Tags("disputed");
        NestedPagingState state = State(rows, disputes);
        MemoryAccess access = Access(rows);
        VirtualAddress va = new(rows.Hex("va"));
        if (Array.IndexOf(disputes, FarAddress) < 0)
        {
            memory.Clear();
            foreach (NestedEntry entry in entries)
            {
                memory[entry.Address] = entry.Before;
            }

            NoCheck check = default;
            NestedWalkResult result = NestedWalker.Access(ref memory, state, va, access, ref check);
            string difference = expected.Difference(result, entries, memory);
            if (difference.Length != 0)
            {
                counts.Differs(
                    $"{rows["emu"]} {rows["id"]}: {rows["kind"]} of {rows["va"]} at "
                        + $"CPL {rows["cpl"]}{(disputes.Length == 0 ? string.Empty : ", disputed in another respect")}",
                    difference);
                return;
            }
        }

        if (disputes.Length == 0) counts.Equal();
        else counts.Omit(rows["disputed"]);
    }

    private static List<NestedEntry> Entries(Rows rows)
    {
        List<NestedEntry> entries = [];
        ReadOnlySpan<char> text = rows["entries"];
        foreach (Range range in text.Split(' '))
        {
            if (!NestedEntry.TryParse(text[range], out NestedEntry entry)) throw rows.Bad($"entries: '{text[range]}' is not an entry");
            entries.Add(entry);
        }

        return entries;
    }

    private static NestedPagingState State(Rows rows, string[] disputes)
    {
        foreach (string dispute in disputes)
        {
            if (dispute is not (FarAddress or UpperBit8 or GuestFetch or NestedFetch)) throw rows.BadValue("disputed");
        }

        ProcessorModel processor = ProcessorModel.Genoa with
        {
            PhysicalAddressWidth = rows.Number("width", 36, 52),
            HasGigabytePages = rows.Flag("gib"),
            ReservesUpperBit8 = Array.IndexOf(disputes, UpperBit8) < 0,
            ReportsFetchWithSmepAlone = Array.IndexOf(disputes, GuestFetch) >= 0,
        };
        Pkru? keys = rows.Flag("pke") ? new Pkru(rows.Hex("pkru")) : null;
        PagingState guest = new(
            Root(rows, "cr3"), Mode(rows, "glev"), processor, rows.Flag("wp"), rows.Flag("nxe"), rows.Flag("smep"), rows.Flag("smap"),
            keys);
        PagingState host = new(
            Root(rows, "ncr3"), Mode(rows, "hlev"), processor, rows.Flag("hwp"), rows.Flag("hnxe"), rows.Flag("hsmep"), rows.Flag("hsmap"),
            keys);
        return new NestedPagingState(guest, host);
    }

    private static PhysicalAddress Root(Rows rows, string column)
    {
        ulong value = rows.Hex(column);
        return PhysicalAddress.TryCreate(value, out PhysicalAddress root) && root.IsAligned(PageSize.Size4K)
            ? root
            : throw rows.BadValue(column);
    }

    private static PagingMode Mode(Rows rows, string column) =>
        rows.Number(column, 4, 5) == 5 ? PagingMode.FiveLevel : PagingMode.FourLevel;

    private static MemoryAccess Access(Rows rows)
    {
        int kind = rows.OneOf("kind", "r", "w", "x", "i");
        int cpl = rows.Number("cpl", 0, 3);
        bool ac = rows.Flag("ac");
        return kind == 3 ? MemoryAccess.Implicit(AccessKind.Read) : MemoryAccess.Explicit((AccessKind)kind, cpl, ac);
    }
}
