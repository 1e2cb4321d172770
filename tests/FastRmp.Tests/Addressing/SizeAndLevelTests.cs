using System;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Addressing;

/// <summary>Arithmetic on sizes, levels and modes: right for each, refused for every other value of the byte.</summary>
public sealed class SizeAndLevelTests
{
    [Theory]
    [InlineData(PageSize.Size4K, 12, 1UL)]
    [InlineData(PageSize.Size2M, 21, 512UL)]
    [InlineData(PageSize.Size1G, 30, 262_144UL)]
    public void A_size_has_its_bytes(PageSize size, int shift, ulong pages)
    {
        Assert.Equal((shift, 1UL << shift, (1UL << shift) - 1, pages), (size.Shift(), size.Bytes(), size.OffsetMask(), size.Pages()));
        Assert.Equal(0xF_FFFF_FFFF_FFFFUL >> shift << shift, PhysicalAddress.Create(0xF_FFFF_FFFF_FFFF).AlignDown(size).Value);
    }

    [Fact]
    public void An_undefined_size_is_refused_by_all_arithmetic()
    {
        for (int value = 3; value <= byte.MaxValue; value++)
        {
            PageSize size = (PageSize)value;
            Assert.Equal("?", size.ShortName());
            Action[] uses =
            [
                () => size.Shift(), () => size.Bytes(), () => size.Pages(), () => size.OffsetMask(),
                () => PhysicalAddress.Create(0).IsAligned(size), () => PhysicalAddress.Create(0).AlignDown(size),
                () => PhysicalAddress.Create(0).Offset(size),
                () => GuestPhysicalAddress.Create(0).IsAligned(size), () => GuestPhysicalAddress.Create(0).AlignDown(size),
                () => GuestPhysicalAddress.Create(0).Offset(size),
                () => new VirtualAddress(0).AlignDown(size), () => new VirtualAddress(0).Offset(size),
            ];
            Assert.All(uses, use => Assert.Throws<ArgumentOutOfRangeException>("size", use));
        }
    }

    [Fact]
    public void An_undefined_level_is_refused_and_so_is_a_level_without_pages()
    {
        for (int value = 0; value <= byte.MaxValue; value++)
        {
            PagingLevel level = (PagingLevel)value;
            if (value is >= 1 and <= 5)
            {
                Assert.Equal((3 + (9 * value), 511U), (level.Shift(), new VirtualAddress(ulong.MaxValue).GetIndex(level)));
            }
            else
            {
                Assert.Throws<ArgumentOutOfRangeException>("level", () => level.Shift());
            }

            if (value is < 1 or > 5) Assert.Throws<ArgumentOutOfRangeException>("level", () => new VirtualAddress(0).GetIndex(level));
            if (value is >= 1 and <= 3) Assert.Equal(level.Shift(), level.LeafSize().Shift());
            else Assert.Throws<ArgumentOutOfRangeException>("level", () => level.LeafSize());
        }
    }

    [Fact]
    public void A_table_covers_what_an_entry_of_the_level_above_does()
    {
        Assert.Equal(1 << PageArithmetic.IndexBits, PageArithmetic.EntriesPerTable);
        for (PagingLevel level = PagingLevel.PageTable; level < PagingLevel.PageMapLevel5; level++)
        {
            Assert.Equal((level + 1).Shift(), level.TableShift());
        }

        Assert.Equal(57, PagingLevel.PageMapLevel5.TableShift());
        Assert.Throws<ArgumentOutOfRangeException>("level", static () => PagingLevel.None.TableShift());
        Assert.Throws<ArgumentOutOfRangeException>("level", static () => ((PagingLevel)6).TableShift());
    }

    [Theory]
    [InlineData(PagingMode.FourLevel, false, 48)]
    [InlineData(PagingMode.FiveLevel, true, 57)]
    public void A_mode_translates_the_bits_of_its_top_table(PagingMode mode, bool isFiveLevel, int bits)
    {
        Assert.Equal((isFiveLevel, bits, bits), (mode.IsFiveLevel(), mode.AddressBits(), mode.TopLevel().TableShift()));
        Assert.Equal(mode, PageArithmetic.ModeOf(isFiveLevel));
    }

    [Fact]
    public void An_undefined_mode_is_refused()
    {
        for (int value = 2; value <= byte.MaxValue; value++)
        {
            PagingMode mode = (PagingMode)value;
            Action[] uses =
            [
                () => mode.TopLevel(), () => mode.AddressBits(),
                () => VirtualAddress.Create(0, mode), () => VirtualAddress.TryCreate(0, mode, out _),
                () => VirtualAddress.Truncate(0, mode), () => new VirtualAddress(0).IsCanonical(mode),
                () => _ = new PagingState(default, mode, ProcessorModel.Genoa),
            ];
            Assert.All(uses, use => Assert.Throws<ArgumentOutOfRangeException>("mode", use));
            Assert.False(mode.IsFiveLevel());
        }
    }
}
