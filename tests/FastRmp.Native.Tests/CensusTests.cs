using System;
using System.Text;
using FastRmp.Native.Tests.Support;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>What the ABI tells of a whole table and of raw values is what the library does.</summary>
public sealed unsafe class CensusTests
{
    [Fact]
    public void Census_and_owners_are_the_librarys()
    {
        using Twin twin = Filled();
        RmpCensus census = new();
        for (int region = 0; region < 3; region++)
        {
            PhysicalAddress start = PhysicalAddress.Create((ulong)region << 21);
            census.Add(start, twin.Table.Region(start));
        }

        Span<ulong> counters = new ulong[ContiguousGeometry.AsidCounters];
        for (uint asid = 0; asid < counters.Length; asid++) counters[(int)asid] = twin.Table.AssignedPages(asid);
        census.CompareCounters(counters);
        CensusAnswer expected = default;
        expected.Fill(census);
        CensusAnswer found;
        Twin.Require(Abi.Census(twin.Handle, &found));
        ReadOnlySpan<byte> bytes = new(&found, sizeof(CensusAnswer));
        Assert.True(bytes.SequenceEqual(new ReadOnlySpan<byte>(&expected, sizeof(CensusAnswer))));
        Assert.InRange(census.AssignedPages, 100UL, ulong.MaxValue);
        for (uint asid = 0; asid < 4; asid++) RequireOwned(twin, asid);
    }

    [Fact]
    public void Entries_are_read_and_written_raw()
    {
        using Twin twin = new(1, 1);
        ulong* entry = stackalloc ulong[2] { 0x1234_5001, 0x1F };
        Twin.Require(Abi.WriteEntry(twin.Handle, 0x5000, entry));
        ulong* found = stackalloc ulong[2];
        Twin.Require(Abi.ReadEntry(twin.Handle, 0x5FFF, found));
        Assert.Equal((entry[0], entry[1]), (found[0], found[1]));
        Assert.Equal((int)ErrorCode.NotCovered, Abi.ReadEntry(twin.Handle, 1UL << 40, found));
        Assert.Equal((0UL, 0UL), (found[0], found[1]));
    }

    [Fact]
    public void The_own_pages_are_claimed()
    {
        using Twin twin = new(1, 1);
        Twin.Require(Abi.ClaimOwnPages(twin.Handle));
        twin.Table.ClaimOwnPages();
        twin.RequireSame();
    }

    [Theory]
    [InlineData(0U, 0x4000_1001UL, 0x1FUL)]
    [InlineData(1U, 0x4000_0000UL, 0x5_0000_0001UL)]
    [InlineData(4U, 0x8000_0003UL, 0UL)]
    [InlineData(5U, 0x4_8000_0005UL, 0UL)]
    public void Values_are_told_in_words(uint layout, ulong low, ulong high)
    {
        Abi.Start();
        string expected = layout switch
        {
            0 => new RmpEntry(low, high).ToString(),
            1 => new RmpUpdateOperand(low, high).ToString(),
            4 => new PageFaultErrorCode(low).ToString(),
            _ => new NestedPageFaultCode(low).ToString(),
        };
        byte[] buffer = new byte[512];
        ulong length;
        fixed (byte* start = buffer)
        {
            Twin.Require(Abi.Decode(layout, low, high, start, (ulong)buffer.Length, &length));
            Assert.Equal(expected, Encoding.UTF8.GetString(buffer, 0, (int)length));
            Assert.Equal(0, buffer[(int)length]);
            Twin.Require(Abi.Decode(layout, low, high, start, 5, &length));
            Assert.Equal((ulong)expected.Length, length);
            Assert.Equal(expected[..4], Encoding.UTF8.GetString(buffer, 0, 4));
            Assert.Equal(0, buffer[4]);
        }
    }

    private static void RequireOwned(Twin twin, uint asid)
    {
        OwnedPageWords* pages = stackalloc OwnedPageWords[64];
        ulong count;
        Twin.Require(Abi.PagesOf(twin.Handle, asid, pages, 64, &count));
        ulong expected = 0;
        foreach (OwnedPage page in twin.Table.PagesOf(asid))
        {
            if (expected < 64)
            {
                Assert.Equal(new OwnedPageWords(page.Page.Value, page.Entry.Low, page.Entry.High, (ulong)page.Size), pages[expected]);
            }

            expected++;
        }

        Assert.Equal(expected, count);
    }

    private static Twin Filled()
    {
        Twin twin = new(1, 3);
        Random random = new(3);
        for (int i = 0; i < 2000; i++)
        {
            RmpUpdateOperand operand = new()
            {
                Assigned = random.Next(3) != 0,
                Asid = (uint)random.Next(4),
                Gpa = (ulong)random.Next(600) << 12,
                PageSize = (PageSize)(random.Next(50) == 0 ? 1 : 0),
            };
            ulong page = operand.PageSize == PageSize.Size2M ? (ulong)random.Next(3) << 21 : (ulong)random.Next(3 * 512) << 12;
            RmpResult result = twin.Table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), operand);
            Assert.Equal(Word.Of(result), Abi.RmpUpdate(twin.Handle, 0x300, page, &operand));
        }

        return twin;
    }
}
