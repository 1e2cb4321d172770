using System;
using System.Globalization;
using FastRmp.Generators.Tests.Layouts;
using FastRmp.Generators.Tests.Support;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class FormatTests
{
    private static readonly Word64 Sample = new Word64
    {
        First = true,
        Colour = Colour.White,
        Access = Access.Read | Access.Write,
        Small = 2,
        Address = 0x4000_0000,
        Split = 1023,
        Kind = Kind.Something,
    };

    [Fact]
    public void Text_names_every_field() => Assert.Equal(
        "Word64 { First = 1, Colour = White, Access = 0x3, Small = 2, Address = 0x40000000, Split = 1023, Kind = Something, Last = 0 }",
        Sample.ToString());

    [Fact]
    public void Reserved_bits_are_printed_if_any_is_set()
    {
        Assert.EndsWith(", Last = 1, Reserved = 0xE40 }", new Word64(ulong.MaxValue).ToString(), StringComparison.Ordinal);
        Assert.EndsWith(", Last = 0, HighReserved = 0x10000000000 }", new Word128(0, 1UL << 40).ToString(), StringComparison.Ordinal);
        Assert.EndsWith(
            ", Huge = 0, Word1Reserved = 0x100000000000000, Word2Reserved = 0x1 }", new Word256(0, 1UL << 56, 1, 0).ToString(),
            StringComparison.Ordinal);
        Assert.DoesNotContain("Reserved", default(Word256).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_layout_without_fields_has_a_text()
    {
        Assert.Equal("Reserved64 { }", default(Reserved64).ToString());
        Assert.Equal("Reserved64 { Reserved = 0x1F }", new Reserved64(0x1F).ToString());
    }

    [Fact]
    public void A_value_without_a_name_is_a_number()
    {
        Assert.Contains("Colour = 2,", new Word64 { Colour = (Colour)2 }.ToString(), StringComparison.Ordinal);
        Assert.Contains("Kind = 31,", new Word64 { Kind = (Kind)31 }.ToString(), StringComparison.Ordinal);
        Assert.Contains("Access = 0x7,", new Word64 { Access = (Access)7 }.ToString(), StringComparison.Ordinal);
        Assert.Contains("Access = Execute,", new Word64 { Access = Access.Execute }.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_quadwords_are_printed_lowest_first()
    {
        Assert.Equal("000000000000ABCD", new Word64(0xABCD).ToString("X", null));
        Assert.Equal("000000000000abcd", new Word64(0xABCD).ToString("x", null));
        Assert.Equal("0000000000000001 FEDCBA9876543210", $"{new Word128(1, 0xFEDC_BA98_7654_3210):X}");
        Assert.Equal("0000000000000001 0000000000000002 0000000000000003 000000000000000f", $"{new Word256(1, 2, 3, 15):x}");
    }

    [Fact]
    public void The_general_format_has_four_names()
    {
        string text = Sample.ToString();
        Assert.Equal(text, Sample.ToString(null, null));
        Assert.Equal(text, Sample.ToString(string.Empty, null));
        Assert.Equal(text, Sample.ToString("G", null));
        Assert.Equal(text, Sample.ToString("g", null));
    }

    [Theory]
    [InlineData("D")]
    [InlineData("X8")]
    [InlineData("GG")]
    public void An_unknown_format_is_refused(string format)
    {
        Assert.Throws<FormatException>(() => Sample.ToString(format, null));
        Assert.Throws<FormatException>(() => Sample.TryFormat(new char[500], out _, format, null));
    }

    [Fact]
    public void The_format_provider_is_not_asked()
    {
        Assert.Equal(Sample.ToString(), Sample.ToString(null, new Refusing()));
        Assert.Equal(Sample.ToString("X", null), Sample.ToString("X", new Refusing()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("X")]
    public void A_buffer_of_the_exact_length_suffices_and_any_shorter_one_does_not(string format)
    {
        foreach (ISpanFormattable entry in new ISpanFormattable[]
        {
            Sample, new Word128(ulong.MaxValue, ulong.MaxValue), new Word256(1, 2, 3, ulong.MaxValue), default(Reserved64),
        })
        {
            string text = entry.ToString(format, null);
            char[] exact = new char[text.Length];
            Assert.True(entry.TryFormat(exact, out int written, format, null));
            Assert.Equal(text.Length, written);
            Assert.Equal(text, new string(exact));
            for (int length = 0; length < text.Length; length++)
            {
                Assert.False(entry.TryFormat(new char[length], out written, format, null));
                Assert.Equal(0, written);
            }
        }
    }

    [Fact]
    public void Nothing_is_written_past_the_text()
    {
        char[] buffer = new char[400];
        Array.Fill(buffer, '#');
        Assert.True(Sample.TryFormat(buffer, out int written, default, null));
        Assert.Equal(Sample.ToString(), new string(buffer, 0, written));
        Assert.All(buffer[written..], static letter => Assert.Equal('#', letter));
    }

    [Fact]
    public void No_value_has_a_text_that_ToString_would_cut()
    {
        foreach (ulong[] words in Patterns.Words(4))
        {
            Assert.EndsWith(" }", new Word64(words[0]).ToString(), StringComparison.Ordinal);
            Assert.EndsWith(" }", new Word128(words[0], words[1]).ToString(), StringComparison.Ordinal);
            Assert.EndsWith(" }", new Word256(words[0], words[1], words[2], words[3]).ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TryFormat_allocates_nothing()
    {
        char[] buffer = new char[500];
        ulong round = 0;
        bool isWritten = FormatAll(buffer, 7);
        Allocations.RequireNone(() => isWritten &= FormatAll(buffer, round++ * 0x0123_4567_89AB_CDEFUL), rounds: 1000);
        Assert.True(isWritten);
    }

    private static bool FormatAll(char[] buffer, ulong raw) =>
        new Word64(raw).TryFormat(buffer, out _, default, null)
        & new Word64(raw).TryFormat(buffer, out _, "X", CultureInfo.InvariantCulture)
        & new Word128(raw, ~raw).TryFormat(buffer, out _, default, null)
        & new Word256(raw, ~raw, raw, ~raw).TryFormat(buffer, out _, default, null);

    private sealed class Refusing : IFormatProvider
    {
        public object? GetFormat(Type? formatType) => throw new InvalidOperationException("A provider was asked.");
    }
}
