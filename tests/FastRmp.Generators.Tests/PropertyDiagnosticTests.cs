using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class PropertyDiagnosticTests
{
    private const string Head = "using FastRmp; namespace N; [BitLayout(64)] [Reserved(63, 8)] public readonly partial struct S { ";

    [Fact]
    public void FRMP004_a_property_that_is_not_partial() => Verify.Message(
        Head + "[Bits(7, 0)] public byte {|FRMP004:A|} { get; } }",
        "Property 'A' has bits and must be partial");

    [Fact]
    public void FRMP004_a_property_with_a_body() => Verify.Diagnostics(Head + "[Bits(7, 0)] public byte {|FRMP004:A|} => 1; }");

    [Theory]
    [InlineData("public partial byte {|FRMP005:A|} { init; }")]
    [InlineData("public partial byte {|FRMP005:A|} { get; set; }")]
    [InlineData("public partial byte {|FRMP005:A|} { set; }")]
    [InlineData("public static partial byte {|FRMP005:A|} { get; }")]
    public void FRMP005_more_or_less_than_a_getter_and_init(string property)
    {
        Verify.Message(
            Head + "[Bits(7, 0)] " + property + " }",
            "Property 'A' has bits and must be an instance property with a getter, at most an init accessor, and nothing else");

        // With a body in place the compiler has nothing to say that would keep the analyzer from being heard.
        Assert.Empty(Verify.CompilerErrors(Markup.Parse(Head + "[Bits(7, 0)] " + property + " }").Source));
    }

    [Fact]
    public void FRMP005_an_indexer() =>
        Verify.Diagnostics(Head + "[Bits(7, 0)] public partial byte {|FRMP005:this|}[int index] { get; } }");

    [Theory]
    [InlineData("byte", 9, 8)]
    [InlineData("ushort", 17, 16)]
    [InlineData("uint", 33, 32)]
    [InlineData("E", 9, 8)]
    [InlineData("I", 32, 31)]
    public void FRMP011_a_type_that_is_too_narrow(string type, int width, int room)
    {
        Verify.Message(
            Wide("{|FRMP011:A|}", type, width),
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"Property 'A' of type '{type}' holds {room} bits, the field has {width}"));
        Assert.Empty(Verify.Diagnostics(Wide("A", type, room)));
    }

    [Fact]
    public void FRMP011_parts_that_are_together_too_wide() => Verify.Message(
        "using FastRmp; [BitLayout(64)] [Reserved(63, 12), Reserved(7)] public readonly partial struct S { [Bits(11, 8), Bits(6, "
            + "0)] public partial byte {|FRMP011:A|} { get; } }",
        "Property 'A' of type 'byte' holds 8 bits, the field has 11");

    [Fact]
    public void FRMP011_more_than_64_bits() => Verify.Diagnostics(
        "using FastRmp; [BitLayout(128)] [Reserved(127, 65)] public readonly partial struct S { [Bits(64), Bits(63, "
            + "0)] public partial ulong {|FRMP011:A|} { get; } }");

    [Fact]
    public void FRMP012_a_bool_of_two_bits() => Verify.Message(
        "using FastRmp; [BitLayout(64)] [Reserved(63, 2)] public readonly partial struct S { [Bits(1, "
            + "0)] public partial bool {|FRMP012:A|} { get; } }",
        "Property 'A' is a bool, the field has 2 bits");

    [Fact]
    public void FRMP012_a_bool_of_two_parts() => Verify.Diagnostics(
        "using FastRmp; [BitLayout(64)] [Reserved(63, 2)] public readonly partial struct S { [Bits(1), "
            + "Bits(0)] public partial bool {|FRMP012:A|} { get; } }");

    [Theory]
    [InlineData("int")]
    [InlineData("sbyte")]
    [InlineData("long")]
    [InlineData("nuint")]
    [InlineData("char")]
    [InlineData("string")]
    [InlineData("byte?")]
    [InlineData("byte[]")]
    [InlineData("dynamic")]
    [InlineData("(byte, byte)")]
    [InlineData("L")]
    [InlineData("Address")]
    public void FRMP013_a_type_that_is_no_field_type(string type)
    {
        string source = Head + "[Bits(7, 0)] public partial " + type + " {|FRMP013:A|} { get; } } public enum L : long { } "
            + Address("explicit", "explicit");
        Verify.Message(
            source,
            "Property 'A' has type '" + type
                + "'; a field is a bool, an unsigned integer of at most 64 bits, or an enum over one of these or int");
        Assert.Empty(Verify.CompilerErrors(Markup.Parse(source).Source));
    }

    [Fact]
    public void FRMP013_a_reference() => Verify.Diagnostics(Head + "[Bits(7, 0)] public partial ref byte {|FRMP013:A|} { get; } }");

    [Theory]
    [InlineData("byte")]
    [InlineData("bool")]
    [InlineData("string")]
    [InlineData("E")]
    [InlineData("OneWay")]
    public void FRMP013_a_type_that_is_no_address(string type) => Verify.Message(
        "using FastRmp; namespace N; [BitLayout(64)] [Reserved(63, 52), Reserved(11, 0)] public readonly partial struct S { "
            + "[AddressBits(51, 12)] public partial "
        + type
        + " {|FRMP013:A|} { get; } } public enum E : ulong { } public readonly struct OneWay { public static explicit operator "
        + "OneWay(ulong value) => default; }",
        "Property 'A' has type '" + type + "'; an in-place field is a ulong or a struct with conversion operators from and to ulong");

    [Theory]
    [InlineData("explicit", "explicit")]
    [InlineData("implicit", "explicit")]
    [InlineData("implicit", "implicit")]
    public void An_address_type_converts_either_way(string from, string to)
    {
        string source = "using FastRmp; namespace N; [BitLayout(64)] [Reserved(63, 52), Reserved(11, 0)] public readonly partial struct S "
            + "{ [AddressBits(51, 12)] public partial Address A { get; init; } } "
            + Address(from, to);
        Assert.Empty(Verify.Diagnostics(source));
        Assert.Empty(Verify.CompilerErrors(source));
    }

    [Fact]
    public void FRMP015_both_kinds_of_bits() => Verify.Message(
        "using FastRmp; [BitLayout(64)] [Reserved(51, 0)] public readonly partial struct S { [AddressBits(63, 56), Bits(55, "
            + "52)] public partial ulong {|FRMP015:A|} { get; } }",
        "Property 'A' has [AddressBits] and [Bits]; an in-place field has one range");

    [Theory]
    [InlineData("public struct S")]
    [InlineData("public class S")]
    public void FRMP017_bits_without_a_layout(string type)
    {
        string source = "using FastRmp; " + type
            + " { [{|FRMP017:Bits(7, 0)|}] public byte A { get; } [{|FRMP017:AddressBits(63, 12)|}] public ulong B { get; } }";
        Verify.Diagnostics(source);
    }

    [Fact]
    public void FRMP017_reserved_bits_without_a_layout() => Verify.Message(
        "using FastRmp; [{|FRMP017:Reserved(7, 0)|}] public struct S { }",
        "'S' declares bits, but type 'S' is not marked [BitLayout]");

    [Fact]
    public void Attributes_of_another_namespace_are_ignored() => Assert.Empty(Verify.Diagnostics("""
        namespace Other.FastRmp
        {
            public sealed class BitLayoutAttribute : System.Attribute { public BitLayoutAttribute(int size) { } }
            public sealed class BitsAttribute : System.Attribute { public BitsAttribute(int bit) { } }
            [BitLayout(7)] public struct S { [Bits(99)] public int A { get; } }
        }
        """));

    private static string Wide(string name, string type, int width) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"using FastRmp; namespace N; public enum E : byte {{ }} public enum I {{ }} [BitLayout(64)] [Reserved(63, {width})] public "
            + $"readonly partial struct S {{ [Bits({width - 1}, 0)] public partial {type} {name} {{ get; }} }}");

    private static string Address(string from, string to) =>
        "public readonly struct Address { public static " + from + " operator Address(ulong value) => default; public static " + to
            + " operator ulong(Address value) => 0; }";
}
