using System;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Layouts;

public sealed class LayoutTextTests
{
    [Fact]
    public void An_entry_is_printed_field_by_field()
    {
        string text = new RmpEntry(0x4028_0000_1234_5001, 0x1F).ToString();
        Assert.StartsWith(
            "RmpEntry { Assigned = 1, PageSize = Size4K, Immutable = 0, SubpageCount = 0, Gpa = 0x12345000, Asid = 5,", text,
            StringComparison.Ordinal);
        Assert.Contains("Validated = 1, Lock = 0,", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Reserved", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Reserved_bits_are_printed_if_set() =>
        Assert.Contains("Reserved", new RmpEntry(0, 1UL << 33).ToString(), StringComparison.Ordinal);

    [Fact]
    public void An_error_code_is_printed_field_by_field()
    {
        string text = new PageFaultErrorCode(0x8000_0003).ToString();
        Assert.Equal(
            "PageFaultErrorCode { Present = 1, Write = 1, User = 0, ReservedBit = 0, Fetch = 0, ProtectionKey = 0, ShadowStack = 0, "
                + "Sgx = 0, Rmp = 1 }",
            text);
    }

    [Fact]
    public void A_leaf_is_printed_with_its_address()
    {
        string text = new Pde2M(0x8000_0001_2340_00E3).ToString();
        Assert.Contains("Page = 0x123400000", text, StringComparison.Ordinal);
        Assert.Contains("NoExecute = 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Formatting_into_a_buffer_allocates_nothing()
    {
        char[] buffer = new char[1024];
        int written = 0;
        Allocations.RequireNone(() => written += FormatAll(buffer));
        Assert.True(written > 1000);
    }

    [Fact]
    public void A_buffer_that_is_too_small_is_a_result()
    {
        RmpEntry entry = new(ulong.MaxValue, ulong.MaxValue);
        int length = entry.ToString().Length;
        Assert.True(entry.TryFormat(new char[length], out int written, default, null));
        Assert.Equal(length, written);
        for (int small = 0; small < length; small++)
        {
            Assert.False(entry.TryFormat(new char[small], out _, default, null));
        }
    }

    private static int FormatAll(Span<char> buffer)
    {
        int total = 0;
        Assert.True(new RmpEntry(0xF028_0000_1234_5FFF, 0x1F).TryFormat(buffer, out int written, default, null));
        total += written;
        Assert.True(new RmpUpdateOperand(0x1234_5000, 0x5_0000_0001).TryFormat(buffer, out written, default, null));
        total += written;
        Assert.True(new RmpReadOutput(0x1234_5000, 0x5_0000_0001).TryFormat(buffer, out written, default, null));
        total += written;
        Assert.True(new PageFaultErrorCode(0x8000_0007).TryFormat(buffer, out written, default, null));
        total += written;
        Assert.True(new Pte(0x8000_0000_1234_5067).TryFormat(buffer, out written, default, null));
        total += written;
        Assert.True(new Pdpe1G(0x8000_0000_4000_00E7).TryFormat(buffer, out written, default, null));
        total += written;
        return total;
    }
}
