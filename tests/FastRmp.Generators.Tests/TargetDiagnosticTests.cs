using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class TargetDiagnosticTests
{
    private const string Head = "using FastRmp; namespace N; ";
    private const string Body = " { [Bits(63, 0)] public partial ulong A { get; init; } }";

    [Fact]
    public void FRMP002_a_struct_that_is_not_partial() => Verify.Message(
        Head + "[BitLayout(64)] public readonly struct {|FRMP002:S|}" + Body,
        "Type 'S' must be partial so that layout 'S' can be implemented");

    [Fact]
    public void FRMP002_a_type_around_it_that_is_not_partial() => Verify.Message(
        Head + "public partial class Outer { public class {|FRMP002:Middle|} { [BitLayout(64)] public readonly partial struct S" + Body
            + " } }",
        "Type 'Middle' must be partial so that layout 'S' can be implemented");

    [Theory]
    [InlineData("public readonly partial struct {|FRMP003:S|}<T>", "it is generic")]
    [InlineData("public readonly partial record struct {|FRMP003:S|}", "it is a record, which has an equality and a text of its own")]
    [InlineData("public readonly ref partial struct {|FRMP003:S|}", "it is a ref struct")]
    public void FRMP003_a_struct_that_is_not_plain(string type, string reason)
    {
        Verify.Message(Head + "[BitLayout(64)] " + type + Body, "'S' cannot be a layout: " + reason);
        Assert.Empty(Verify.CompilerErrors(Markup.Parse(Head + "[BitLayout(64)] " + type + Body).Source));
    }

    [Theory]
    [InlineData("file readonly partial struct {|FRMP003:S|}", "it is local to its file")]
    [InlineData("public sealed partial class {|FRMP003:S|}", "it is not a struct")]
    public void FRMP003_a_type_that_the_generator_leaves_alone(string type, string reason) =>
        Verify.Message(Head + "[BitLayout(64)] " + type + Body, "'S' cannot be a layout: " + reason);

    [Fact]
    public void FRMP003_a_struct_in_a_generic_type() => Verify.Message(
        Head
            + "public static partial class Outer<T> where T : class { public static partial class Inner { [BitLayout(64)] public readonly "
            + "partial struct {|FRMP003:S|}"
            + Body + " } }",
        "'S' cannot be a layout: it lies in the generic type 'Outer'");

    [Theory]
    [InlineData("private readonly int {|FRMP016:_own|};", "_own")]
    [InlineData("public int {|FRMP016:Own|} { get; }", "Own")]
    [InlineData("public event System.Action {|FRMP016:Own|};", "Own")]
    public void FRMP016_storage_beside_the_quadwords(string member, string name) => Verify.Message(
        Head + "[BitLayout(64)] public readonly partial struct S { " + member + " [Bits(63, 0)] public partial ulong A { get; init; } }",
        "'" + name + "' gives layout 'S' storage of its own; its size would no longer be that of the hardware structure");

    [Fact]
    public void FRMP016_a_primary_constructor() => Verify.Diagnostics(
        Head
            + "[BitLayout(64)] public readonly partial struct S{|FRMP016:(ulong a)|} { [Bits(63, 0)] public partial ulong A { get; init; "
            + "} public ulong Twice => a * 2; }");

    [Fact]
    public void Members_that_store_nothing_are_welcome()
    {
        const string Source = Head + """
            [BitLayout(64)] public readonly partial struct S
            {
                public const int Five = 5;
                public static readonly S Empty;
                public static int Shared { get; set; }
                public S(int a) : this((ulong)a) { }
                public ulong Twice => A * 2;
                public ulong Field() => A;
                public string ToString(string format) => format;
                public bool Equals(ulong value) => Value == value;
                public S WithA(string value) => this with { A = ulong.Parse(value) };
                public static explicit operator ulong(S value) => value.Value;
                [Bits(63, 0)] public partial ulong A { get; init; }
            }
            """;
        Assert.Empty(Verify.Diagnostics(Source));
        Assert.Empty(Verify.CompilerErrors(Source));
    }
}
