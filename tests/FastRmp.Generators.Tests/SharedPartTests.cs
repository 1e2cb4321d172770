using System;
using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

/// <summary>Fields that several layouts have in common, declared once in an interface.</summary>
public sealed class SharedPartTests
{
    private const string Part = """
        using FastRmp;
        /// <summary>A part.</summary>
        public interface IPart
        {
            /// <summary>Whether the entry
            /// is used.</summary>
            [Bits(0)] bool Present { get; init; }
            /// <summary>A tag.</summary>
            [Bits(63, 52)] ushort Tag { get; }
        }

        /// <summary>Another.</summary>
        public interface IOther
        {
            /// <summary>Another.</summary>
            [Bits(3)] bool Other { get; init; }
            /// <summary>None.</summary>
            int NoField { get; }
        }

        /// <summary>None.</summary>
        public interface INothing
        {
            /// <summary>None.</summary>
            int NoField { get; }
        }

        """;

    [Fact]
    public void A_layout_with_shared_parts_is_emitted_as_approved() => Snapshot.Matches("Shared", Harness.Emitted(Part + """
        /// <summary>An entry.</summary>
        [BitLayout(64)]
        [Shared(typeof(IPart))]
        [Reserved(2, 1), Reserved(11, 4)]
        [Shared(typeof(IOther))]
        public readonly partial struct Entry
        {
            /// <summary>Address of the page.</summary>
            [AddressBits(51, 12)] public partial ulong Address { get; init; }
        }
        """));

    [Fact]
    public void The_fields_are_read_and_written_and_stand_in_the_order_of_their_bits()
    {
        Type type = Harness.Load(Harness.Compile(Part + """
            /// <summary>An entry.</summary>
            [BitLayout(64), Shared(typeof(IPart)), Shared(typeof(IOther)), Reserved(2, 1), Reserved(51, 4)]
            public readonly partial struct Entry { }
            """)).GetType("Entry", throwOnError: true)!;
        object entry = Activator.CreateInstance(type, [0xABC0_0000_0000_0009UL])!;
        Assert.Equal("Entry { Present = 1, Other = 1, Tag = 2748 }", entry.ToString());
        type.GetProperty("Present")!.SetValue(entry, false);
        Assert.Equal("ABC0000000000008", ((IFormattable)entry).ToString("X", null));
        Assert.Null(type.GetProperty("Tag")!.SetMethod);
    }

    [Fact]
    public void Bits_in_an_interface_are_no_fault_by_themselves() => Assert.Empty(Verify.Diagnostics(Part));

    [Theory]
    [InlineData("typeof(INothing)", "INothing")]
    [InlineData("typeof(int)", "int")]
    [InlineData("typeof(System.IDisposable)", "System.IDisposable")]
    [InlineData("typeof(System.Collections.Generic.IEnumerable<int>)", "System.Collections.Generic.IEnumerable<int>")]
    public void FRMP018_a_part_without_fields(string part, string name) => Verify.Message(
        Part + "[BitLayout(64), {|FRMP018:Shared(" + part
            + ")|}] public readonly partial struct S { [Bits(63, 0)] public partial ulong A { get; } }",
        $"'{name}' is not an interface of this project with properties that have bits");

    [Fact]
    public void FRMP009_a_shared_field_over_one_of_the_layout() => Verify.Diagnostics(
        Part
            + "[BitLayout(64), Reserved(63, 4), {|FRMP009:Shared(typeof(IOther))|}] public readonly partial struct S { [Bits(3, "
            + "0)] public partial byte A { get; } }");

    [Fact]
    public void FRMP009_the_same_part_twice() => Verify.Diagnostics(
        Part
            + "[BitLayout(64), Reserved(63, 4), Reserved(2, 0), Shared(typeof(IOther)), {|FRMP009:{|FRMP014:Shared(typeof(IOther))|}|}] "
            + "public readonly partial struct S { }");

    [Fact]
    public void FRMP014_a_shared_name_that_the_layout_has() => Verify.Diagnostics(
        Part
            + "[BitLayout(64), Reserved(63, 4), Reserved(2, 0), Shared(typeof(IOther))] public readonly partial struct S { public int "
            + "{|FRMP014:Other|} => 1; }");

    [Fact]
    public void FRMP007_a_shared_field_outside_the_layout() => Verify.Diagnostics(
        "using FastRmp; public interface I { [Bits(64)] bool A { get; } } [BitLayout(64), {|FRMP007:Shared(typeof(I))|}] public readonly "
            + "partial struct S { }");

    [Fact]
    public void FRMP017_a_part_shared_by_no_layout() =>
        Verify.Diagnostics(Part + "[{|FRMP017:Shared(typeof(IPart))|}] public struct S { }");
}
