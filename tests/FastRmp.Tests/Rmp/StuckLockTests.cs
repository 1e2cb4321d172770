using System;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>
/// A thread that died inside an instruction, seen by the others: its region reports contention for ever, nothing waits, nothing else stops.
/// </summary>
public sealed class StuckLockTests
{
    private const ulong R = 0x20_0000;
    private const ulong S = R + 0x5000;
    private const ulong Neighbour = R + 0x6000;
    private const ulong Elsewhere = 0x40_0000;
    private const ulong Lock = 0x8000_0000_0000_0000;
    private const ulong AsidLock = 0x1FF8_0000_0000_0000;

    public static TheoryData<ContentionCode> Codes() => [ContentionCode.FailInUse, ContentionCode.FailOverlap, ContentionCode.ByPlace];

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_locked_page_is_contended_and_its_neighbours_are_not(ContentionCode code)
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(code);
        Poke(table, S, Lock);
        RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(S), Operands.Assign(0, 5)));
        RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(S), Operands.Release()));
        RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(R), Operands.Assign(0, 5, PageSize.Size2M)), ofRegion: true);
        Assert.Equal(new RmpEntry(0, 0), Raw(table, R));
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(Neighbour), Operands.Assign(0, 5)).IsSuccess);
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(R), Operands.Assign(0, 5)).IsSuccess);
        Assert.Equal(new RmpEntry(Lock, 0), Raw(table, S));
        RequireOthersWork(table);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_count_that_only_a_locked_page_explains_is_contention_and_not_overlap(ContentionCode code)
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(code);
        Poke(table, S, Lock);
        Poke(table, R, 0x8); // died between publishing the release and lowering the count
        RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(R), Operands.Assign(0, 5, PageSize.Size2M)), ofRegion: true);
        Assert.Equal(new RmpEntry(0x8, 0), Raw(table, R));
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(Neighbour), Operands.Assign(0, 5)).IsSuccess);
        RmpResult overlap = table.RmpUpdate(ExecutionState.Host, At(R), Operands.Assign(0, 5, PageSize.Size2M));
        Assert.Equal(RmpResult.Fail(RmpStatus.FailOverlap), overlap); // a page is assigned now: the truth, and not contention
        RequireOthersWork(table);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_locked_base_leaves_its_neighbours_assignable(ContentionCode code)
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(code);
        Poke(table, R, Lock);
        RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(R), Operands.Assign(0, 5)));
        RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(R), Operands.Assign(0, 5, PageSize.Size2M)));
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(S), Operands.Assign(0, 5)).IsSuccess);
        Assert.Equal(new RmpEntry(Lock | 0x8, 0), Raw(table, R));
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(S), Operands.Release()).IsSuccess);
        Assert.Equal(new RmpEntry(Lock, 0), Raw(table, R));
        RequireOthersWork(table);
    }

    [Theory]
    [InlineData(ContentionCode.FailInUse, AsidLock)]
    [InlineData(ContentionCode.FailOverlap, AsidLock)]
    [InlineData(ContentionCode.FailInUse, AsidLock | 1)]
    [InlineData(ContentionCode.FailOverlap, AsidLock | 3)]
    [InlineData(ContentionCode.ByPlace, AsidLock | 3)]
    public void A_frozen_base_stops_its_region_and_nothing_else(ContentionCode code, ulong low)
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(code);
        Poke(table, R, low);
        foreach (ulong page in new[] { R, S })
        {
            RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(page), Operands.Assign(0, 5)), ofRegion: true);
            RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(page), Operands.Release()), ofRegion: true);
        }

        RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(R), Operands.Assign(0, 5, PageSize.Size2M)), ofRegion: true);
        RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(R), Operands.Release(PageSize.Size2M)), ofRegion: true);
        RmpResult smash = table.PSmash(ExecutionState.Host, At(R));
        Assert.Equal((low & 3) == 3 ? RmpResult.Contended(RmpStatus.FailInUse) : RmpResult.Fail(RmpStatus.FailBadAddress), smash);
        Assert.Equal(new RmpEntry(low, 0), Raw(table, R));
        Assert.Equal(default, Raw(table, S));
        RequireOthersWork(table);
    }

    [Fact]
    public void PSMASH_past_a_locked_piece_puts_everything_back()
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(ContentionCode.FailOverlap);
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(R), Operands.Assign(0x4000_0000, 5, PageSize.Size2M)).IsSuccess);
        Poke(table, S, Lock | 1);
        // FAIL_INUSE whatever RMPUPDATE says
        Assert.Equal(RmpResult.Contended(RmpStatus.FailInUse), table.PSmash(ExecutionState.Host, At(R)));
        for (ulong page = R; page < R + ModelPair.RegionBytes; page += 0x1000)
        {
            RmpEntry expected = page == R ? new RmpEntry(0x0028_0000_4000_0003, 0x1F) : new RmpEntry(page == S ? Lock | 1 : 1, 0);
            Assert.Equal(expected, Raw(table, page));
        }
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_large_update_past_a_locked_piece_puts_everything_back(ContentionCode code)
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(code);
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(R), Operands.Assign(0x4000_0000, 5, PageSize.Size2M)).IsSuccess);
        Poke(table, R + 0x1F_F000, Lock | 1);
        RequireContention(code, table.RmpUpdate(ExecutionState.Host, At(R), Operands.Release(PageSize.Size2M)), ofRegion: true);
        Assert.Equal(new RmpEntry(0x0028_0000_4000_0003, 0x1F), Raw(table, R));
        Assert.Equal(new RmpEntry(1, 0), Raw(table, S));
        Assert.Equal(512UL, table.AssignedPages(5));
    }

    [Fact]
    public void A_bounded_retry_comes_back_from_a_dead_lock()
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(ContentionCode.FailInUse);
        Poke(table, S, Lock);
        RmpResult result = table.RmpUpdate(ExecutionState.Host, At(S), Operands.Assign(0, 5), RetryRule.Rfc, 25, out long retries);
        Assert.Equal(RmpResult.Contended(RmpStatus.FailInUse), result);
        Assert.Equal(25, retries);
    }

    [Fact]
    public void A_damaged_count_is_an_overlap_and_not_contention()
    {
        using ReverseMapTable<ContiguousGeometry> table = Make(ContentionCode.FailInUse);
        Poke(table, R, 0x18);
        Assert.Equal(
            RmpResult.Fail(RmpStatus.FailOverlap), table.RmpUpdate(ExecutionState.Host, At(R), Operands.Assign(0, 5, PageSize.Size2M)));
        Assert.Equal(new RmpEntry(0x18, 0), Raw(table, R));
        Assert.Equal(-1, AssignedScan.IndexOfFirst(table.Region(At(R))));
    }

    private static void RequireContention(ContentionCode code, RmpResult result, bool ofRegion = false) => Assert.Equal(
        RmpResult.Contended(
            code == ContentionCode.FailInUse || (code == ContentionCode.ByPlace && !ofRegion)
                ? RmpStatus.FailInUse
                : RmpStatus.FailOverlap),
        result);

    private static void RequireOthersWork(ReverseMapTable<ContiguousGeometry> table)
    {
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(Elsewhere + 0x1000), Operands.Assign(0, 6)).IsSuccess);
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(Elsewhere + 0x1000), Operands.Release()).IsSuccess);
        Assert.True(table.RmpUpdate(ExecutionState.Host, At(Elsewhere), Operands.Assign(0, 6, PageSize.Size2M)).IsSuccess);
        Assert.True(table.PSmash(ExecutionState.Host, At(Elsewhere)).IsSuccess);
    }

    private static ReverseMapTable<ContiguousGeometry> Make(ContentionCode code) => new(
        ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x60_0000), ProcessorModel.Genoa,
        ModelChoices.Default with { Contention = code });

    private static void Poke(ReverseMapTable<ContiguousGeometry> table, ulong page, ulong low) =>
        Assert.True(table.TryWriteRaw(At(page), new RmpEntry(low, 0)));

    private static RmpEntry Raw(ReverseMapTable<ContiguousGeometry> table, ulong page)
    {
        ReadOnlySpan<RmpEntry> region = table.Region(At(page));
        return region[(int)(page % ModelPair.RegionBytes / 0x1000)];
    }
}
