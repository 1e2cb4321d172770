using System;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Vectors;
using Xunit;

namespace FastRmp.Tests.Access;

public sealed class HostAccessVectorTests
{
    private const ulong R = 0x4020_0000;
    private const ulong Covered = 0x5000_0000;

    public static TheoryData<string, string, string, ulong, ulong, ulong, ulong> Rows()
    {
        TheoryData<string, string, string, ulong, ulong, ulong, ulong> rows = [];
        foreach (string[] row in VectorFile.Rows("host-access.txt"))
        {
            rows.Add(
                row[0], row[1], row[2], VectorFile.Number(row[3]), VectorFile.Number(row[4]), VectorFile.Number(row[5]),
                VectorFile.Number(row[6]));
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void An_access_has_the_error_codes_of_its_row(
        string state, string mapping, string accessed, ulong kernelWrite, ulong userWrite, ulong read, ulong fetch)
    {
        using ModelPair pair = new(Covered / ModelPair.RegionBytes, ProcessorModel.Genoa, ModelChoices.Default);
        Prepare(pair, state);
        PageSize size = mapping switch
        {
            "4K" => PageSize.Size4K,
            "2M" => PageSize.Size2M,
            "1G" => PageSize.Size1G,
            _ => throw new FormatException(mapping),
        };
        PhysicalAddress address = PhysicalAddress.Create(Address(accessed) + 0x123);
        Assert.Equal(kernelWrite, RmpCheck.Host(pair.Table, AccessKind.Write, address, size).Value);
        Assert.Equal(userWrite, RmpCheck.Host(pair.Table, AccessKind.Write, address, size, isUser: true).Value);
        Assert.Equal(read, RmpCheck.Host(pair.Table, AccessKind.Read, address, size).Value);
        Assert.Equal(fetch, RmpCheck.Host(pair.Table, AccessKind.Fetch, address, size).Value);
        pair.CompareAccess(address.Value, size, user: false);
    }

    [Fact]
    public void Every_page_of_a_region_with_one_assigned_page_is_closed_to_large_mappings_only()
    {
        using ModelPair pair = new(4, ProcessorModel.Genoa, ModelChoices.Default);
        pair.Update(0x20_7000, Operands.Assign(0, 3));
        for (ulong page = 0; page < 4 * ModelPair.RegionBytes; page += ModelPair.PageBytes)
        {
            bool inside = page / ModelPair.RegionBytes == 1;
            PhysicalAddress address = PhysicalAddress.Create(page);
            Assert.Equal(page != 0x20_7000, pair.Table.IsHypervisorOwned(address, PageSize.Size4K));
            Assert.Equal(!inside, pair.Table.IsHypervisorOwned(address, PageSize.Size2M));
            Assert.Equal(!inside, pair.Table.IsHypervisorOwned(address, PageSize.Size1G));
        }
    }

    [Fact]
    public void A_page_without_an_entry_is_the_hypervisors_for_ever()
    {
        using ModelPair pair = new(1, ProcessorModel.Genoa, ModelChoices.Default);
        pair.Update(0x1F_F000, Operands.Assign(0, 3));
        foreach (ulong address in new[] { 0x20_0000UL, 0x4000_0000UL, 0xF_FFFF_FFFF_F000UL })
        {
            pair.CompareAccess(address, PageSize.Size4K, user: true);
            Assert.True(pair.Table.IsHypervisorOwned(PhysicalAddress.Create(address), PageSize.Size1G));
        }
    }

    [Fact]
    public void Without_a_table_nothing_is_checked()
    {
        HostRmpCheck<ContiguousGeometry> off = new(null);
        Assert.True(off.MayAccess(PhysicalAddress.Create(0), PageSize.Size1G, AccessKind.Write));
        Assert.True(off.MayUseEntry(PhysicalAddress.Create(0), writes: true));
    }

    [Fact]
    public void The_walker_may_read_a_guests_page_as_a_table_but_not_write_it()
    {
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default);
        pair.Update(0x1000, Operands.Assign(0, 3));
        HostRmpCheck<ContiguousGeometry> check = new(pair.Table);
        Assert.True(check.MayUseEntry(PhysicalAddress.Create(0x1008), writes: false));
        Assert.False(check.MayUseEntry(PhysicalAddress.Create(0x1008), writes: true));
        Assert.True(check.MayUseEntry(PhysicalAddress.Create(0x2008), writes: true)); // 4 KiB reach: the neighbour does not matter
        Assert.False(check.MayAccess(PhysicalAddress.Create(0x2008), PageSize.Size2M, AccessKind.Write));
    }

    [Fact]
    public void A_table_read_is_checked_where_the_choice_says_so()
    {
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default with { CheckTableReads = true });
        pair.Update(0x1000, Operands.Assign(0, 3));
        HostRmpCheck<ContiguousGeometry> check = new(pair.Table);
        Assert.False(check.MayUseEntry(PhysicalAddress.Create(0x1008), writes: false));
        Assert.True(check.MayUseEntry(PhysicalAddress.Create(0x2008), writes: false));
    }

    [Fact]
    public void Checks_are_equal_if_they_ask_the_same_table()
    {
        using ModelPair pair = new(1, ProcessorModel.Genoa, ModelChoices.Default);
        using ModelPair other = new(1, ProcessorModel.Genoa, ModelChoices.Default);
        HostRmpCheck<ContiguousGeometry> check = new(pair.Table);
        Assert.True(check == new HostRmpCheck<ContiguousGeometry>(pair.Table));
        Assert.True(check != new HostRmpCheck<ContiguousGeometry>(other.Table));
        Assert.False(check.Equals((object)new HostRmpCheck<ContiguousGeometry>(null)));
        Assert.Equal(check.GetHashCode(), new HostRmpCheck<ContiguousGeometry>(pair.Table).GetHashCode());
        Assert.Equal(0, new HostRmpCheck<ContiguousGeometry>(null).GetHashCode());
        Assert.Throws<ArgumentNullException>(() => RmpCheck.Host<ContiguousGeometry>(null!, AccessKind.Read, default, PageSize.Size4K));
    }

    private static void Prepare(ModelPair pair, string state)
    {
        switch (state)
        {
            case "S assigned":
                pair.Update(R + 0x1000, Operands.Assign(0x1234_5000, 5));
                break;
            case "R assigned":
                pair.Update(R, Operands.Assign(0x1234_5000, 5));
                break;
            case "R large":
                pair.Update(R, Operands.Assign(0x4000_0000, 5, PageSize.Size2M));
                break;
            case "R fixed":
                pair.Poke(R, 0x4, 0);
                break;
            case "nothing":
                break;
            default:
                throw new FormatException(state);
        }
    }

    private static ulong Address(string name) => name switch
    {
        "R" => R,
        "S" => R + 0x1000,
        "L" => R + 0x1F_F000,
        "T" => R + 0x20_0000,
        "O" => Covered,
        _ => throw new FormatException(name),
    };
}
