using System;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>What the table holds: entries, owners, the census.</summary>
internal static unsafe class Lookups
{
    /// <summary>frmp_lookup.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_lookup")]
    internal static int Lookup(ulong table, ulong address, LookupAnswer* answer)
    {
        try
        {
            if (answer is null) return Refusals.Null("answer");
            int code = TablePage.Find(table, "address", address, out TableHandle found, out PhysicalAddress physical);
            if (code != (int)ErrorCode.Ok) return code;
            RmpLookup entry = found.Table.Lookup(physical);
            PageState state = !entry.IsCovered
                ? PageState.Default
                : (entry.Entry with { Assigned = entry.IsAssigned }).State;
            *answer = new LookupAnswer(entry, state);
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_read_entry.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_read_entry")]
    internal static int Read(ulong table, ulong address, ulong* entry)
    {
        try
        {
            if (entry is null) return Refusals.Null("entry");
            entry[0] = 0;
            entry[1] = 0;
            int code = TablePage.Find(table, "address", address, out TableHandle found, out PhysicalAddress physical);
            if (code != (int)ErrorCode.Ok) return code;
            if (!found.Table.TryReadRaw(physical, out RmpEntry raw)) return Refusals.NotCovered(address);
            entry[0] = raw.Low;
            entry[1] = raw.High;
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_write_entry.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_write_entry")]
    internal static int Write(ulong table, ulong address, ulong* entry)
    {
        try
        {
            if (entry is null) return Refusals.Null("entry");
            int code = TablePage.Find(table, "address", address, out TableHandle found, out PhysicalAddress physical);
            if (code != (int)ErrorCode.Ok) return code;
            return found.Table.TryWriteRaw(physical, new RmpEntry(entry[0], entry[1]))
                ? (int)ErrorCode.Ok
                : Refusals.NotCovered(address);
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_pages_of.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_pages_of")]
    internal static int PagesOf(ulong table, uint asid, OwnedPageWords* pages, ulong capacity, ulong* count)
    {
        try
        {
            if (count is null || (pages is null && capacity != 0)) return Refusals.Null(count is null ? "count" : "pages");
            *count = 0;
            TableHandle? found = Slots.Find<TableHandle>(table);
            if (found is null) return Refusals.Handle(table);
            if (asid > RmpEntry.InUseAsid) return Refusals.Value("asid", asid);
            foreach (OwnedPage page in found.Table.PagesOf(asid))
            {
                if (*count < capacity)
                {
                    pages[*count] = new OwnedPageWords(page.Page.Value, page.Entry.Low, page.Entry.High, (ulong)page.Size);
                }

                ++*count;
            }

            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_census.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_census")]
    internal static int Census(ulong table, CensusAnswer* answer)
    {
        try
        {
            if (answer is null) return Refusals.Null("answer");
            *answer = default;
            TableHandle? found = Slots.Find<TableHandle>(table);
            if (found is null) return Refusals.Handle(table);
            RmpCensus census = new();
            RmpGeometry geometry = found.Table.Geometry;
            for (int i = 0; i < geometry.CoveredRanges; i++)
            {
                PhysicalRange range = geometry.CoveredRange(i);
                for (ulong offset = 0; offset < range.Length; offset += PageSize.Size2M.Bytes())
                {
                    census.Add(range.Start + offset, found.Table.Region(range.Start + offset));
                }
            }

            census.CompareCounters(new ReadOnlySpan<ulong>(found.Storage, (int)ContiguousGeometry.AsidCounters));
            answer->Fill(census);
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }
}
