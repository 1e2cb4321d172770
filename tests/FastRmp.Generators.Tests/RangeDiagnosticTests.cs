using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class RangeDiagnosticTests
{
    [Fact]
    public void A_sound_layout_of_each_size_gives_none()
    {
        Assert.Empty(Verify.Diagnostics(Samples.Word64));
        Assert.Empty(Verify.Diagnostics(Samples.Word128));
        Assert.Empty(Verify.Diagnostics(Samples.Word256));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(65)]
    [InlineData(-64)]
    [InlineData(512)]
    public void FRMP001_a_size_that_does_not_exist(int size) => Verify.Message(
        "using FastRmp; [{|FRMP001:BitLayout(" + size.ToString(System.Globalization.CultureInfo.InvariantCulture)
            + ")|}] public readonly partial struct S { [Bits(0)] public partial bool A { get; init; } }",
        "Layout 'S' is declared with " + size.ToString(System.Globalization.CultureInfo.InvariantCulture)
            + " bits; 64, 128 and 256 are possible");

    [Fact]
    public void FRMP006_a_reversed_range() => Verify.Message(
        "using FastRmp; [BitLayout(64)] [Reserved(63, 8)] public readonly partial struct S { [{|FRMP006:Bits(0, "
            + "7)|}] public partial byte A { get; init; } }",
        "Range [0:7] of 'A' is reversed: the high bit comes first");

    [Fact]
    public void FRMP006_a_reversed_reserved_range() => Verify.Message(
        "using FastRmp; [BitLayout(64)] [{|FRMP006:Reserved(8, 63)|}] public readonly partial struct S { [Bits(7, "
            + "0)] public partial byte A { get; init; } }",
        "Range [8:63] of the reserved range is reversed: the high bit comes first");

    [Fact]
    public void FRMP007_a_range_above_the_layout() => Verify.Message(
        "using FastRmp; [BitLayout(64)] [Reserved(62, 0)] public readonly partial struct S { [{|FRMP007:Bits(64, "
            + "63)|}] public partial byte A { get; init; } }",
        "Range [64:63] of 'A' is outside the layout's bits [63:0]");

    [Fact]
    public void FRMP007_a_range_below_zero() => Verify.Message(
        "using FastRmp; [BitLayout(128)] [Reserved(127, 1)] public readonly partial struct S { [{|FRMP007:Bits(-1)|}] public partial bool "
            + "A { get; init; } }",
        "Range [-1] of 'A' is outside the layout's bits [127:0]");

    [Fact]
    public void FRMP007_numbers_at_the_ends_of_int() => Verify.Diagnostics("""
        using FastRmp;
        [BitLayout(64)] [{|FRMP007:Reserved(int.MaxValue, int.MinValue)|}] [{|FRMP006:Reserved(int.MinValue, int.MaxValue)|}]
        public readonly partial struct S { [{|FRMP007:Bits(int.MaxValue, 0)|}] public partial ulong A { get; init; } }
        """);

    [Fact]
    public void FRMP008_a_field_across_quadwords() => Verify.Message(
        "using FastRmp; [BitLayout(128)] [Reserved(127, 65), Reserved(59, 0)] public readonly partial struct S { [{|FRMP008:Bits(64, "
            + "60)|}] public partial byte A { get; init; } }",
        "Range [64:60] of 'A' crosses a quadword; give the field one range for each quadword, high part first");

    [Fact]
    public void FRMP008_an_address_across_quadwords() => Verify.Diagnostics(
        "using FastRmp; [BitLayout(256)] [Reserved(255, 140), Reserved(99, 0)] public readonly partial struct S { "
            + "[{|FRMP008:AddressBits(139, 100)|}] public partial ulong A { get; init; } }");

    [Fact]
    public void A_reserved_range_may_cross_quadwords() => Assert.Empty(Verify.Diagnostics(
        "using FastRmp; [BitLayout(256)] [Reserved(255, 1)] public readonly partial struct S { [Bits(0)] public partial bool A "
            + "{ get; init; } }"));

    [Fact]
    public void FRMP009_two_fields_that_overlap() => Verify.Message(
        """
        using FastRmp;
        [BitLayout(64)] [Reserved(63, 12)]
        public readonly partial struct S { [Bits(8, 0)] public partial ushort A { get; init; } [{|FRMP009:Bits(11, 8)|}] public partial byte B { get; init; } }
        """,
        "Range [11:8] of 'B' overlaps range [8:0] of 'A'");

    [Fact]
    public void FRMP009_a_field_and_a_reserved_range_that_overlap() => Verify.Message(
        "using FastRmp; [BitLayout(64)] [{|FRMP009:Reserved(63, 7)|}] public readonly partial struct S { [Bits(7, "
            + "0)] public partial byte A { get; init; } }",
        "Range [63:7] of the reserved range overlaps range [7:0] of 'A'");

    [Fact]
    public void FRMP009_parts_of_one_field_that_overlap() => Verify.Message(
        "using FastRmp; [BitLayout(64)] [Reserved(63, 8)] public readonly partial struct S { [Bits(7, 4), {|FRMP009:Bits(4, "
            + "0)|}] public partial ushort A { get; init; } }",
        "Range [4:0] of 'A' overlaps range [7:4] of 'A'");

    [Fact]
    public void FRMP010_bits_that_are_not_declared() => Verify.Message(
        "using FastRmp; [BitLayout(64)] [Reserved(63, 10)] public readonly partial struct {|FRMP010:S|} { [Bits(7, "
            + "0)] public partial byte A { get; init; } }",
        "Bits [9:8] of layout 'S' belong to no field and are not declared reserved");

    [Fact]
    public void FRMP010_each_gap_by_itself() => Verify.Diagnostics(
        "using FastRmp; [BitLayout(128)] public readonly partial struct {|FRMP010,FRMP010,FRMP010:S|} { [Bits(63)] public partial bool A { "
            + "get; init; } [Bits(126, 64)] public partial ulong B { get; init; } [Bits(1)] public partial bool C { get; init; } }");

    [Fact]
    public void FRMP010_a_layout_with_nothing_in_it() => Verify.Message(
        "using FastRmp; [BitLayout(256)] public readonly partial struct {|FRMP010:S|} { }",
        "Bits [255:0] of layout 'S' belong to no field and are not declared reserved");

    [Fact]
    public void A_shifted_field_gives_both_its_overlap_and_its_gap() => Verify.Diagnostics("""
        using FastRmp;
        [BitLayout(64)] [Reserved(63, 12)]
        public readonly partial struct {|FRMP010:S|} { [Bits(7, 0)] public partial byte A { get; init; } [{|FRMP009:Bits(10, 7)|}] public partial byte B { get; init; } }
        """);
}
