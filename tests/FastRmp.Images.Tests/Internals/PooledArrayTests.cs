using System;
using Xunit;

namespace FastRmp.Images.Tests.Internals;

public class PooledArrayTests
{
    [Fact]
    public void An_array_is_cut_to_the_length_asked_for()
    {
        using PooledArray<int> array = new(100);
        Assert.Equal(100, array.Length);
        Assert.Equal(100, array.Span.Length);
        Assert.InRange(array.Array.Length, 100, int.MaxValue);
        array.Span[99] = 5;
        Assert.Equal(5, array.Array[99]);
    }

    [Fact]
    public void An_array_is_given_back_once_and_not_used_afterwards()
    {
        PooledArray<byte> array = new(1 << 16);
        array.Dispose();
        array.Dispose();
        using PooledArray<byte> first = new(1 << 16);
        using PooledArray<byte> second = new(1 << 16);
        Assert.NotSame(first.Array, second.Array);
        Assert.Throws<ObjectDisposedException>(() => array.Span.Length);
    }
}
