using System;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>The paging structures of a real kernel against what the emulator that ran it listed.</summary>
public sealed class LinuxImageTests : IDisposable
{
    private const int Lines = 76_715;

    private readonly LinuxImage _image = new();

    public void Dispose() => _image.Dispose();

    [Fact]
    public void Every_address_of_the_listing_translates_to_its_target()
    {
        SparseMemoryView memory = _image.Memory.View();
        int lines = 0;
        foreach ((ulong va, ulong pa, string flags) in LinuxImage.Listing())
        {
            lines++;
            bool large = flags[2] == 'P';
            ulong last = (large ? 0x20_0000UL : 0x1000UL) - 1;
            foreach (ulong inside in new[] { 0UL, last })
            {
                WalkResult result = PageWalker.Translate(
                    ref memory, LinuxImage.State, new VirtualAddress(va + inside),
                    MemoryAccess.KernelRead with { MayTouchUserPages = true });
                Assert.True(result.IsMapped, $"{va:x}: {result}");
                Assert.Equal(pa + inside, result.Address.Value);
                Assert.Equal(large ? PageSize.Size2M : PageSize.Size4K, result.Size);
                Assert.True(flags[0] != 'X' || (result.Rights & PagingRights.Execute) == 0, $"{va:x}");
            }
        }

        Assert.Equal(Lines, lines);
    }

    [Fact]
    public void The_enumerator_lists_the_same_leaves_in_the_same_order()
    {
        MappingEnumerator<SparseMemoryView> mappings = new(_image.Memory.View(), LinuxImage.State);
        foreach ((ulong va, ulong pa, string flags) in LinuxImage.Listing())
        {
            Assert.True(mappings.MoveNext());
            Assert.Equal(va, mappings.Current.VirtualAddress.Value);
            Assert.Equal(pa, mappings.Current.Address.Value);
            Assert.Equal(flags[2] == 'P' ? PageSize.Size2M : PageSize.Size4K, mappings.Current.Size);
            Assert.Equal(flags[0] == 'X', mappings.Current.Leaf.NoExecute);
            Assert.Equal(flags[3] == 'D', mappings.Current.Leaf.Dirty);
            Assert.Equal(flags[8] == 'W', mappings.Current.Leaf.Writable);
        }

        Assert.False(mappings.MoveNext());
        Assert.Equal(0, mappings.AbsentTables);
    }
}
