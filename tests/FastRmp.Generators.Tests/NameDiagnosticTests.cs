using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Generators.Emitting;
using FastRmp.Generators.Parsing;
using FastRmp.Generators.Tests.Support;
using Microsoft.CodeAnalysis;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class NameDiagnosticTests
{
    [Theory]
    [InlineData("public const int {|FRMP014:AMask|} = 1;", "AMask", "a constant of field 'A'")]
    [InlineData("public static int {|FRMP014:AShift|}() => 1;", "AShift", "a constant of field 'A'")]
    [InlineData("public ulong {|FRMP014:Value|} => 1;", "Value", "the property of a quadword")]
    [InlineData("public int {|FRMP014:SizeInBytes|} => 1;", "SizeInBytes", "a constant")]
    [InlineData("public bool {|FRMP014:HasReservedBits|}() => true;", "HasReservedBits", "a property")]
    [InlineData("public override string {|FRMP014:ToString|}() => string.Empty;", "ToString", "a method")]
    [InlineData("public override int {|FRMP014:GetHashCode|}() => 1;", "GetHashCode", "a method")]
    [InlineData("public bool {|FRMP014:Equals|}(S other) => true;", "Equals", "a method")]
    [InlineData("public {|FRMP014:S|}(ulong raw) : this() { }", ".ctor", "a constructor")]
    [InlineData("public enum {|FRMP014:ReservedMask|} { }", "ReservedMask", "the mask of the reserved bits")]
    public void FRMP014_a_member_by_hand_with_an_emitted_name(string member, string name, string description)
    {
        string source = "using FastRmp; [BitLayout(64)] public readonly partial struct S { " + member
            + " [Bits(63, 0)] public partial ulong A { get; init; } }";
        Verify.Message(source, "The name '" + name + "' is taken: the generator emits " + description + " of that name");
    }

    [Theory]
    [InlineData("Value", "the property of a quadword")]
    [InlineData("_value", "the storage of a quadword")]
    [InlineData("SizeInBytes", "a constant")]
    [InlineData("TryFormat", "a method")]
    public void FRMP014_a_field_with_an_emitted_name(string name, string description) => Verify.Message(
        "using FastRmp; [BitLayout(64)] public readonly partial struct S { [Bits(63, 0)] public partial ulong {|FRMP014:" + name
            + "|} { get; } }",
        "The name '" + name + "' is taken: the generator emits " + description + " of that name");

    [Fact]
    public void FRMP014_two_fields_whose_constants_have_one_name() => Assert.Equal(
        ["The name 'APart0Mask' is taken: the generator emits a constant of field 'A' and a constant of field 'APart0' of that name",
            "The name 'APart0Shift' is taken: the generator emits a constant of field 'A' and a constant of field 'APart0' of that name"],
        Verify.Diagnostics("""
            using FastRmp;
            [BitLayout(64)] [Reserved(63, 3)]
            public readonly partial struct S { [Bits(2), Bits(0)] public partial byte A { get; init; } [Bits(1)] public partial bool {|FRMP014,FRMP014:APart0|} { get; } }
            """).Select(static diagnostic => diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal));

    [Fact]
    public void FRMP014_a_layout_with_the_name_of_a_member() => Verify.Message(
        "using FastRmp; [BitLayout(128)] [Reserved(127, 64)] public readonly partial struct {|FRMP014:Low|} { [Bits(63, "
            + "0)] public partial ulong A { get; init; } }",
        "The name 'Low' is taken: the layout has it, and the generator emits the property of a quadword of that name");

    [Fact]
    public void Names_of_other_sizes_are_free() => Assert.Empty(Verify.Diagnostics(
        "using FastRmp; [BitLayout(64)] public readonly partial struct S { [Bits(63, 32)] public partial uint High { get; init; "
            + "} [Bits(31, 0)] public partial uint Low { get; init; } public int LowWord => 1; }"));

    [Fact]
    public void FRMP014_two_fields_of_one_name()
    {
        // The compiler has errors of its own here; the generator must survive them.
        const string Source =
            "using FastRmp; [BitLayout(64)] public readonly partial struct S { [Bits(63, 32)] public partial uint A { get; init; "
                + "} [Bits(31, 0)] public partial uint A { get; init; } }";
        Assert.NotEmpty(Verify.CompilerErrors(Source));
        Assert.Contains(
            Harness.Analyze(Harness.Generate(Harness.Compile(Source))), static diagnostic => diagnostic.Id is "FRMP014" or "FRMP010");
    }

    [Theory]
    [InlineData(nameof(Samples.Word64))]
    [InlineData(nameof(Samples.Word128))]
    [InlineData(nameof(Samples.Word256))]
    public void The_list_of_emitted_names_is_what_is_emitted(string sample)
    {
        string source = sample switch
        {
            nameof(Samples.Word64) => Samples.Word64,
            nameof(Samples.Word128) => Samples.Word128,
            _ => Samples.Word256,
        };
        INamedTypeSymbol type = Harness.Generate(Harness.Compile(source)).GetTypeByMetadataName("Sample.Structures." + sample)!;
        LayoutDeclaration layout = LayoutReader.Read(type, TestContext.Current.CancellationToken)!;
        SortedSet<string> listed = new(
            EmittedMembers.OfLayout(type, layout.Size).Select(static member => member.Name), StringComparer.Ordinal);
        foreach (FieldDeclaration field in layout.Fields)
        {
            listed.UnionWith(
                EmittedMembers.OfField(field.Property.Name, field.Ranges.Length, layout.Size, field.IsShared)
                    .Select(static member => member.Name));
        }

        SortedSet<string> emitted = new(StringComparer.Ordinal);
        foreach (ISymbol member in type.GetMembers()
            .Where(static member => !member.IsImplicitlyDeclared && !GeneratedCode.IsByHand(member)))
        {
            if (member is not IMethodSymbol { MethodKind: MethodKind.PropertyGet }) emitted.Add(member.Name);
        }

        Assert.Equal(emitted, listed);
    }
}
