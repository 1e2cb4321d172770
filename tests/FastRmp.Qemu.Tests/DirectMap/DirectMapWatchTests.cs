using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using FastRmp.Images;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.DirectMap;

public sealed class DirectMapWatchTests : IDisposable
{
    private const ulong Level3 = 0x2000;
    private const ulong Level2 = 0x3000;
    private const ulong FreeTable = 0x9000; // and what follows
    private const ulong Table = 0x63;
    private const ulong Large = 0xE3;
    private readonly TestHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void It_is_found_when_SNP_comes_on()
    {
        Split(0);
        Split(1);
        Split(4);
        Assert.False(_host.Machine.DirectMap.IsOn);
        _host.Enabled();
        Assert.True(_host.Machine.DirectMap.IsOn);
        Assert.Equal((3 * 512, 508, 0), Leaves(_host.Machine.DirectMap.AtStart));
        RmpTrace trace = Trace();
        Assert.Equal(0, trace.Problems.Count);
        Assert.Equal(
            [new PhysicalRange(default, 0x40_0000UL), new PhysicalRange(PhysicalAddress.Create(0x80_0000UL), 0x20_0000UL)],
            trace.Mapped4K.ToArray());
        Assert.Contains(" cpu0 directmap 4k=1536 2m=508 1g=0\n", _host.Trace.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_and_a_join_are_seen_when_translations_are_flushed()
    {
        _host.Enabled();
        Split(7);
        Assert.Equal(default, _host.Machine.DirectMap.Changes);
        Look();
        Assert.Equal(new DirectMapChanges(1, 0, 0, 0), _host.Machine.DirectMap.Changes);
        Look(); // nothing new
        Join(7);
        Look();
        Assert.Equal(new DirectMapChanges(1, 0, 1, 0), _host.Machine.DirectMap.Changes);
        Assert.Equal(["split spa=0xe00000 size=2m", "join spa=0xe00000 size=2m"], Changes());
    }

    [Fact]
    public void A_split_is_seen_before_the_RMPUPDATE_that_it_was_made_for()
    {
        _host.Enabled();
        _host.RmpUpdate(0x60_0000UL, new RmpUpdateOperand { Assigned = true, Asid = 1 });
        Split(2);
        _host.RmpUpdate(0x40_1000UL, new RmpUpdateOperand { Assigned = true, Asid = 1 });
        string[] lines = _host.Trace.ToString().Split('\n');
        int split = Array.FindIndex(lines, static line => line.EndsWith(" cpu0 split spa=0x400000 size=2m", StringComparison.Ordinal));
        Assert.Contains(" rmpupdate spa=0x401000 ", lines[split + 1], StringComparison.Ordinal);
        Assert.Equal(1, _host.Machine.DirectMap.Changes.Splits2M);
        Assert.Equal(RmpTraceEventKind.Split, Trace().Events.ToArray().First(static one => one.Page.Value == 0x40_0000UL).Kind);
    }

    [Fact]
    public void Leaves_of_a_GiB_are_split_and_joined_too()
    {
        ulong whole = Read(Level3);
        Write(Level3, Large); // a page of 1 GiB from 0 on
        _host.Enabled();
        Assert.Equal((0, 0, 1), Leaves(_host.Machine.DirectMap.AtStart));
        Split(5);
        Write(Level3, whole);
        Look();
        Assert.Equal(["split spa=0x0 size=1g", "split spa=0xa00000 size=2m"], Changes());
        Write(Level3, Large);
        Look();
        Assert.Equal(["join spa=0xa00000 size=2m", "join spa=0x0 size=1g"], Changes()[2..]);
        Assert.Equal(new DirectMapChanges(1, 1, 1, 1), _host.Machine.DirectMap.Changes);
    }

    [Fact]
    public void What_is_taken_out_of_the_map_and_put_back_was_neither_split_nor_joined()
    {
        _host.Enabled();
        foreach (ulong entry in (ulong[])[Entry(9) & ~1UL, 0, Entry(9), FreeTable | Table & ~1UL, Entry(9)])
        {
            Write(EntryAt(9), entry);
            Look();
        }

        ulong directory = Read(Level3);
        Write(Level3, 0);
        Look();
        Write(Level3, directory);
        Look();
        Assert.Empty(Changes());
    }

    [Fact]
    public void Any_order_of_changes_is_followed()
    {
        Random random = new(7);
        bool[] isSplit = new bool[511];
        List<string> expected = [];
        _host.Enabled();
        for (int round = 0; round < 300; round++)
        {
            foreach (int region in Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(1, 511)).Distinct().Order())
            {
                if (isSplit[region]) Join(region);
                else Split(region);
                isSplit[region] = !isSplit[region];
                expected.Add($"{(isSplit[region] ? "split" : "join")} spa=0x{(ulong)region << 21:x} size=2m");
            }

            Look();
        }

        Assert.True(expected.Count > 300);
        Assert.Equal(expected, Changes());
        Assert.True(_host.Machine.DirectMap.TryCount(GuestState.Of(_host.Processor), out DirectMapTotals totals));
        int split = isSplit.Count(static one => one);
        Assert.Equal((split * 512, 511 - split, 0), Leaves(totals));
        DirectMapChanges changes = _host.Machine.DirectMap.Changes;
        Assert.Equal(split, changes.Splits2M - changes.Joins2M);
    }

    [Fact]
    public void The_report_has_the_leaves_at_the_start_and_at_the_end()
    {
        _host.Enabled();
        Split(7);
        _host.Core.State = GuestState.Of(_host.Processor);
        string report = MachineReport.Of(_host.Machine);
        Assert.Contains(
            """
            fastrmp: direct map at the start: 0 leaves of 4 KiB, 511 of 2 MiB, 0 of 1 GiB
            fastrmp: direct map at the end: 512 leaves of 4 KiB, 510 of 2 MiB, 0 of 1 GiB
            fastrmp: direct map split 1 times at 2 MiB and 0 at 1 GiB, joined 0 and 0

            """,
            report,
            StringComparison.Ordinal);
        Assert.EndsWith(" cpu0 directmap 4k=512 2m=510 1g=0\n", _host.Trace.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_without_a_direct_map_are_noted()
    {
        Write(Level3, 0);
        _host.Enabled();
        Assert.False(_host.Machine.DirectMap.IsOn);
        Look();
        Assert.Contains("note: the kernel's direct map was not found", MachineReport.Of(_host.Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_tables_are_not_counted()
    {
        _host.Enabled();
        Write(0x7000 + (0x111 * 8), 0xA000 | Table);
        Write(0xA000, Level2 | Table);
        _host.Processor[GuestRegister.Cr3] = 0x7000;
        Assert.False(_host.Machine.DirectMap.TryCount(GuestState.Of(_host.Processor), out _));
        Assert.False(_host.Machine.DirectMap.TryCount(default, out _));
    }

    [Fact]
    public void A_kernel_that_another_one_started_has_a_map_of_its_own()
    {
        _host.Enabled();
        Split(7);
        Look();
        CopyTables();
        _host.Processor[GuestRegister.Cr3] = 0x7000;
        Write(0xC000 + (9 * 8), Filled(9)); // the new kernel is still building it
        Write(EntryAt(11), Filled(11)); // and uses the old one's memory
        Look();
        Assert.Equal(1, _host.Machine.DirectMap.Changes.Splits2M);
        _host.RmpUpdate(0x4000_0000UL - 0x1000, default);
        Assert.Equal(2, _host.Machine.DirectMap.Maps);
        Assert.Equal(default, _host.Machine.DirectMap.Changes);
        Assert.Equal((2 * 512, 509, 0), Leaves(_host.Machine.DirectMap.AtStart));
        Write(0xC000 + (10 * 8), Filled(10));
        Look();
        Assert.Equal(["split spa=0xe00000 size=2m", "split spa=0x1400000 size=2m"], Changes());
        _host.Core.State = GuestState.Of(_host.Processor);
        Assert.Contains(
            "note: 2 kernels ran, one after the other; what is said of the direct map is the last one's\n",
            MachineReport.Of(_host.Machine), StringComparison.Ordinal);
    }

    /// <summary>Other tables with the same direct map: from 0x7000 over 0xD000 to 0xC000.</summary>
    private void CopyTables()
    {
        Write(0x7000 + (0x111 * 8), 0xD000 | Table);
        Write(0xD000, 0xC000 | Table);
        for (ulong i = 0; i < 512; i++) Write(0xC000 + (i * 8), Read(Level2 + (i * 8)));
    }

    private static (long Small, long Large, long Huge) Leaves(in DirectMapTotals totals) =>
        (totals.Leaves4K, totals.Leaves2M, totals.Leaves1G);

    private static ulong Entry(int region) => ((ulong)region << 21) | Large;

    private static ulong EntryAt(int region) => Level2 + ((ulong)region * 8);

    private static ulong TableAt(int region) => 0x2000_0000UL + ((ulong)region * 0x1000);

    private ulong Read(ulong address) => _host.Ram.Read(address);

    private void Write(ulong address, ulong value) => _host.Ram.Write(address, value);

    private void Look() => _host.Machine.DirectMap.Look(0, GuestState.Of(_host.Processor));

    private void Split(int region) => Write(EntryAt(region), Filled(region));

    /// <summary>A table of the region's pages.</summary>
    private ulong Filled(int region)
    {
        for (ulong i = 0; i < 512; i++) Write(TableAt(region) + (i * 8), ((ulong)region << 21) | (i << 12) | Table);
        return TableAt(region) | Table;
    }

    private void Join(int region) => Write(EntryAt(region), Entry(region));

    private string[] Changes() =>
    [
        .. _host.Trace.ToString().Split('\n').Where(static line => line.Contains(" split ") || line.Contains(" join "))
            .Select(static line => line[(line.IndexOf("cpu0 ", StringComparison.Ordinal) + 5)..]),
    ];

    private RmpTrace Trace()
    {
        using MemoryStream text = new(Encoding.UTF8.GetBytes(_host.Trace.ToString()));
        return RmpTrace.Read(text, "trace");
    }
}
