using FastRmp.Generators.Tests.Layouts;
using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class EqualityTests
{
    [Fact]
    public void Default_is_all_zero()
    {
        Assert.Equal(new Word64(0), default);
        Assert.Equal(new Word128(0, 0), default);
        Assert.Equal(new Word256(0, 0, 0, 0), default);
    }

    [Fact]
    public void Two_values_are_equal_exactly_if_no_bit_differs()
    {
        for (int bit = 0; bit < 256; bit++)
        {
            ulong[] words = new ulong[4];
            words[bit / 64] = 1UL << (bit % 64);
            Word256 one = new(words[0], words[1], words[2], words[3]);
            CheckDifferent(one, default);
            CheckEqual(one, new Word256(words[0], words[1], words[2], words[3]));
        }
    }

    [Fact]
    public void Reserved_bits_count()
    {
        Assert.True(new Word64(1UL << 6) != default);
        Assert.True(new Word128(0, 1UL << 40) != default);
    }

    [Fact]
    public void Another_type_is_never_equal()
    {
        Assert.False(new Word64(1).Equals((object)1UL));
        Assert.False(new Word64(1).Equals((object)new Whole64(1)));
        Assert.False(new Word64(1).Equals(null));
    }

    [Fact]
    public void Equal_values_have_equal_hash_codes()
    {
        foreach (ulong[] words in Patterns.Words(2))
        {
            Assert.Equal(new Word128(words[0], words[1]).GetHashCode(), new Word128(words[0], words[1]).GetHashCode());
            Assert.Equal(new Word64(words[0]).GetHashCode(), new Word64(words[0]).GetHashCode());
        }
    }

    private static void CheckEqual(Word256 left, Word256 right)
    {
        Assert.True(left == right);
        Assert.False(left != right);
        Assert.True(left.Equals(right));
        Assert.True(left.Equals((object)right));
        Assert.Equal(left.GetHashCode(), right.GetHashCode());
    }

    private static void CheckDifferent(Word256 left, Word256 right)
    {
        Assert.False(left == right);
        Assert.True(left != right);
        Assert.False(left.Equals(right));
        Assert.False(left.Equals((object)right));
    }
}
