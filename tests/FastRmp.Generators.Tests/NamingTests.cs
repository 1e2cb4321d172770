using System;
using System.Linq;
using System.Reflection;
using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

/// <summary>Names and places that need care; each sample compiles without a warning, documentation included.</summary>
public sealed class NamingTests
{
    [Fact]
    public void Keywords_may_be_names()
    {
        const string Source = """
            using FastRmp;
            namespace @namespace.@event;

            /// <summary>An enum.</summary>
            public enum @enum : byte
            {
                /// <summary>A member.</summary>
                @default,
                /// <summary>A member.</summary>
                @value,
            }

            /// <summary>A container.</summary>
            public static partial class @class
            {
                /// <summary>A layout.</summary>
                [BitLayout(64)]
                public readonly partial struct @struct
                {
                    [Bits(0)] public partial bool @bool { get; init; }
                    [Bits(8, 1)] public partial @enum @enum { get; }
                    [Bits(16, 9)] public partial byte value { get; init; }
                    [Bits(24, 17)] public partial byte @this { get; init; }
                    [Bits(32, 25)] public partial byte writer { get; init; }
                    [Bits(40, 33)] public partial byte field { get; init; }
                    [Bits(48, 41)] public partial byte destination { get; init; }
                    [Bits(63, 56), Bits(50, 49)] public partial ushort other { get; init; }
                    [AddressBits(55, 51)] public partial ulong bits { get; init; }
                }
            }
            """;
        Type type = Harness.Load(Harness.Compile(Source)).GetType("namespace.event.class+struct", throwOnError: true)!;
        object entry = Activator.CreateInstance(type, [0b11UL])!;
        Assert.Equal(
            "struct { bool = 1, enum = value, value = 0, this = 0, writer = 0, field = 0, destination = 0, other = 0, bits = 0x0 }",
            entry.ToString());
        Assert.Equal(["namespace.event.class+struct.g.cs"], Harness.AllEmitted(Source).Keys);
    }

    [Theory]
    [InlineData("partial")]
    [InlineData("record")]
    [InlineData("required")]
    [InlineData("scoped")]
    [InlineData("nameof")]
    [InlineData("nint")]
    [InlineData("when")]
    [InlineData("Größe")]
    [InlineData("_")]
    [InlineData("__arglist")]
    public void Contextual_keywords_and_letters_of_any_script_may_be_names(string name) => Harness.Load(Harness.Compile(
        "using FastRmp; /// <summary>A layout.</summary>\n[BitLayout(64)] public readonly partial struct @" + name
            + "s { [Bits(63, 1)] public partial ulong @" + name + " { get; } [Bits(0)] public partial bool X { get; init; } }\n"));

    [Fact]
    public void A_layout_may_be_in_the_global_namespace()
    {
        const string Source =
            "using FastRmp;\n/// <summary>A layout.</summary>\n"
                + "[BitLayout(64)] public readonly partial struct Bare { [Bits(63, 0)] public partial ulong All { get; init; } }\n";
        Type type = Harness.Load(Harness.Compile(Source)).GetType("Bare", throwOnError: true)!;
        Assert.Equal("Bare { All = 5 }", Activator.CreateInstance(type, [5UL])!.ToString());
        Assert.Equal(["Bare.g.cs"], Harness.AllEmitted(Source).Keys);
    }

    [Fact]
    public void Types_of_every_kind_may_be_around_a_layout()
    {
        const string Source = """
            using FastRmp;
            namespace N;
            internal partial interface IOuter
            {
                public partial record Middle(int A)
                {
                    public partial record struct Inner
                    {
                        private sealed partial class Deep
                        {
                            [BitLayout(64)] private readonly partial struct S { [Bits(63, 0)] public partial ulong All { get; init; } }
                            public static string Text() => new S(7).ToString();
                        }
                        public static string Text() => Deep.Text();
                    }
                }
            }
            """;
        Assembly assembly = Harness.Load(Harness.Compile(Source));
        Assert.Equal("S { All = 7 }", assembly.GetType("N.IOuter+Middle+Inner", throwOnError: true)!.GetMethod("Text")!.Invoke(null, null));
    }

    [Fact]
    public void A_property_may_have_the_name_of_its_type_or_of_a_namespace() => Harness.Load(Harness.Compile("""
        using FastRmp;
        namespace System.FastRmp
        {
            /// <summary>Colour.</summary>
            public enum Colour : byte { }

            /// <summary>A layout.</summary>
            [BitLayout(64)]
            public readonly partial struct Paint
            {
                [Bits(7, 0)] public partial Colour Colour { get; init; }
                [Bits(15, 8)] public partial byte System { get; init; }
                [Bits(23, 16)] public partial byte FastRmp { get; init; }
                [Bits(31, 24)] public partial byte Layouts { get; init; }
                [Bits(63, 32)] public partial uint BitLayoutWriter { get; init; }
            }
        }
        """));

    [Fact]
    public void Accessibility_is_that_of_the_property()
    {
        Type type = Harness.Load(Harness.Compile("""
            using FastRmp;
            namespace N;
            /// <summary>A layout.</summary>
            [BitLayout(64)]
            public readonly partial struct S
            {
                [Bits(31, 0)] internal partial uint Inside { get; init; }
                [Bits(62, 32)] private readonly partial uint Hidden { get; init; }
                [Bits(63)] public readonly partial bool Open { get; init; }
            }
            """)).GetType("N.S", throwOnError: true)!;
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        Assert.True(type.GetField("InsideMask", All)!.IsAssembly);
        Assert.True(type.GetProperty("Inside", All)!.SetMethod!.IsAssembly);
        Assert.True(type.GetField("HiddenShift", All)!.IsPrivate);
        Assert.True(type.GetProperty("Hidden", All)!.SetMethod!.IsPrivate);
        Assert.True(type.GetField("OpenMask", All)!.IsPublic);
    }

    [Fact]
    public void An_obsolete_enum_member_gives_no_warning_in_emitted_code() => Harness.Load(Harness.Compile("""
        using FastRmp;
        namespace N;
        /// <summary>An enum.</summary>
        public enum E : byte
        {
            /// <summary>Old.</summary>
            [System.Obsolete("Use New.")] Old,
            /// <summary>New.</summary>
            New,
        }
        /// <summary>A layout.</summary>
        [BitLayout(64)] [Reserved(63, 8)] public readonly partial struct S { [Bits(7, 0)] public partial E Field { get; init; } }
        """));

    [Fact]
    public void Names_that_differ_in_case_alone_get_files_of_their_own()
    {
        const string Body = " { [Bits(63, 0)] public partial ulong All { get; init; } }\n";
        const string Source = "using FastRmp; namespace N;\n/// <summary>A.</summary>\n[BitLayout(64)] public readonly partial struct Entry"
            + Body
                + "/// <summary>B.</summary>\n[BitLayout(64)] public readonly partial struct ENTRY" + Body
                + "/// <summary>C.</summary>\n[BitLayout(64)] public readonly partial struct Other" + Body;
        Harness.Load(Harness.Compile(Source));
        Assert.Equal(["N.ENTRY-0.g.cs", "N.Entry-1.g.cs", "N.Other.g.cs"], Harness.AllEmitted(Source).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_long_text_does_not_go_on_the_stack()
    {
        string fields = string.Concat(
            Enumerable.Range(0, 64).Select(static bit => $"[Bits({bit})] public partial bool ARatherLongName{bit} {{ get; }} "));
        string source = "using FastRmp;\n/// <summary>A layout.</summary>\n[BitLayout(64)] public readonly partial struct S { " + fields
            + "}\n";
        Assert.DoesNotContain("stackalloc", Harness.Emitted(source), StringComparison.Ordinal);
        string text = Activator.CreateInstance(
            Harness.Load(Harness.Compile(source)).GetType("S", throwOnError: true)!, [1UL << 63])!.ToString()!;
        Assert.EndsWith("ARatherLongName62 = 0, ARatherLongName63 = 1 }", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layout_may_be_declared_in_several_parts()
    {
        const string One =
            "using FastRmp; namespace N;\n/// <summary>A.</summary>\n"
                + "[BitLayout(64)] [Reserved(63, 9)] public readonly partial struct S { [Bits(7, 0)] public partial byte Low { "
                + "get; init; } }\n";
        const string Two =
            "using FastRmp; namespace N;\npublic readonly partial struct S { [Bits(8)] public partial bool High { get; init; } }\n";
        Type type = Harness.Load(Harness.Compile(One, Two)).GetType("N.S", throwOnError: true)!;
        Assert.Equal("S { Low = 255, High = 1 }", Activator.CreateInstance(type, [0x1FFUL])!.ToString());
    }

    [Fact]
    public void Two_projects_that_see_each_others_internals_both_have_the_attributes()
    {
        const string Layout =
            "using FastRmp;\n/// <summary>A.</summary>\n"
                + "[BitLayout(64)] public readonly partial struct S { [Bits(63, 0)] public partial ulong All { get; init; } }\n";
        Microsoft.CodeAnalysis.Compilation first = Harness.Generate(
            Harness.Compile("[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Second\")]\n", Layout)
                .WithAssemblyName("First"));
        Microsoft.CodeAnalysis.CSharp.CSharpCompilation second = Harness.Compile(
            Layout.Replace("struct S", "struct T", StringComparison.Ordinal))
            .WithAssemblyName("Second").AddReferences(first.ToMetadataReference());
        Assert.Empty(
            Harness.Generate(second)
                .GetDiagnostics(TestContext.Current.CancellationToken)
                .Select(static diagnostic => diagnostic.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a < b && \\\"c\\\" > 'd'\\n")]
    [InlineData("line\\nend \\u2028 \\u0001 \\ud800 --> ]]>")]
    public void Any_source_text_is_fit_for_documentation(string source) => Harness.Load(Harness.Compile(
        "using FastRmp;\n/// <summary>A.</summary>\n[BitLayout(64, Source = \"" + source
        + "\")] public readonly partial struct S { [Bits(63, 0)] public partial ulong All { get; init; } }\n"));
}
