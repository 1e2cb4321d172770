using System;
using System.IO;
using System.IO.Compression;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>All rows of the access fixture: permissions, protection keys, error codes, A and D bits after kvm-unit-tests.</summary>
public sealed class AccessFixtureTests
{
    [Fact]
    public void Every_row_ends_as_kvm_unit_tests_say()
    {
        int rows = 0;
        int faults = 0;
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Fixtures", "access", "rows.tsv.gz"));
        using GZipStream unpacked = new(file, CompressionMode.Decompress);
        using StreamReader reader = new(unpacked);
        _ = reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            AccessRow row = new(line);
            rows++;
            if (row.Faults) faults++;
            Judge(row);
        }

        Assert.Equal(20_918, rows);
        Assert.Equal(13_045, faults);
    }

    private static void Judge(AccessRow row)
    {
        RowMemory memory = new(row);
        NoCheck check = default;
        PagingState state = row.State;
        VirtualAddress va = new(row.Va);
        if (row.Twice) _ = PageWalker.Access(ref memory, state, va, MemoryAccess.KernelRead, ref check);
        WalkResult result = PageWalker.Access(ref memory, state, va, row.Access, ref check);
        Assert.True(row.Faults != result.IsMapped, row.Id);
        Assert.True(result.ErrorCode == (row.Faults ? row.ErrorCode : 0), row.Id);
        Assert.True(row.Faults || result.Address.Value == row.Pa, row.Id);
        Assert.True(row.LeafLevel == 2 || memory[1] == row.PteAfter, row.Id);
        Assert.True(((memory[2] ^ row.PdeAfter) & ~row.PdeIgnored) == 0, row.Id);
    }
}
