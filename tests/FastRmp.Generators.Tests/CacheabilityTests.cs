using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Reflection;
using FastRmp.Generators.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class CacheabilityTests
{
    private const string Unrelated = "namespace Elsewhere { internal static class Thing { } }";

    private static readonly string[] Steps =
        [
            .. typeof(TrackingNames)
                .GetFields(BindingFlags.Static | BindingFlags.NonPublic)
                .Select(static field => (string)field.GetRawConstantValue()!),
        ];

    [Theory]
    [InlineData("namespace Elsewhere { internal static class Thing { /* a comment */ } }")]
    [InlineData("namespace Elsewhere { internal static class Thing { internal const int Added = 1; } }")]
    [InlineData("namespace Elsewhere { internal struct Word64 { } }")]
    public void An_edit_in_another_file_runs_nothing_again(string edited) =>
        CheckNothingNew(Rerun([Samples.Word64, Samples.Word256, Samples.Faulty, Unrelated], 3, edited));

    [Fact]
    public void A_new_file_runs_nothing_again()
    {
        CSharpCompilation compilation = Harness.Compile(Samples.Word64);
        GeneratorDriver driver = Harness.Driver().RunGenerators(compilation, Token);
        CheckNothingNew(Result(driver.RunGenerators(compilation.AddSyntaxTrees(Harness.Tree(Unrelated, 1)), Token)));
    }

    [Fact]
    public void A_comment_beside_the_layout_changes_no_model_and_no_output() =>
        CheckNothingNew(
            Rerun(
                [Samples.Word64], 0,
                "// A comment.\n" + Samples.Word64.Replace("[Bits(0)]", "/* why */ [Bits(0)]", StringComparison.Ordinal)));

    [Fact]
    public void A_method_by_hand_in_the_layout_changes_no_model_and_no_output() =>
        CheckNothingNew(
            Rerun(
                [Samples.Word64], 0,
                Samples.Word64.Replace(
                    "ushort Tag { get; }", "ushort Tag { get; } public bool Absent() => !Present;", StringComparison.Ordinal)));

    [Theory]
    [InlineData("[Bits(0)]", "[AddressBits(0, 0)]", "bool Present", "ulong Present")]
    [InlineData("Reserved(11, 2)", "Reserved(11, 3), Reserved(2)", "", "")]
    [InlineData("Present", "Valid", "", "")]
    [InlineData("table 2-3", "table 2-4", "", "")]
    [InlineData("Size2M,", "Large,", "", "")]
    public void A_change_of_the_declaration_is_seen(string from, string to, string alsoFrom, string alsoTo)
    {
        string edited = Samples.Word64.Replace(from, to, StringComparison.Ordinal);
        if (!string.IsNullOrEmpty(alsoFrom)) edited = edited.Replace(alsoFrom, alsoTo, StringComparison.Ordinal);
        Assert.NotEqual(Samples.Word64, edited);
        GeneratorRunResult run = Rerun([Samples.Word64], 0, edited);
        Assert.Equal(IncrementalStepRunReason.Modified, Assert.Single(Reasons(run.TrackedSteps[TrackingNames.Parse])));
        Assert.Contains(IncrementalStepRunReason.Modified, run.TrackedOutputSteps.SelectMany(static step => Reasons(step.Value)));
    }

    [Fact]
    public void Only_the_layout_that_changed_is_written_again()
    {
        GeneratorRunResult run = Rerun(
            [Samples.Word64, Samples.Word256], 1, Samples.Word256.Replace("Middle", "Centre", StringComparison.Ordinal));
        IncrementalStepRunReason[] outputs = [.. run.TrackedOutputSteps.SelectMany(static step => Reasons(step.Value))];
        Assert.Single(outputs, IncrementalStepRunReason.Modified);
        Assert.All(
            outputs.Where(static reason => reason != IncrementalStepRunReason.Modified),
            static reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
        Assert.True(outputs.Length > 1);
    }

    [Fact]
    public void An_enum_in_another_file_counts()
    {
        const string Layout =
            "using FastRmp; namespace N; [BitLayout(64)] [Reserved(63, 8)] public readonly partial struct S { [Bits(7, "
                + "0)] public partial E Field { get; } }";
        GeneratorRunResult run = Rerun(
            [Layout, "namespace N; public enum E : byte { One }"], 1, "namespace N; public enum E : byte { One, Two }");
        Assert.Equal(IncrementalStepRunReason.Modified, Assert.Single(Reasons(run.TrackedSteps[TrackingNames.Parse])));
    }

    [Fact]
    public void A_shared_part_in_another_file_counts()
    {
        const string Layout =
            "using FastRmp; namespace N; [BitLayout(64), Shared(typeof(IPart)), Reserved(63, 8)] public readonly partial struct S { }";
        const string Part = "using FastRmp; namespace N; public interface IPart { [Bits(7, 0)] byte Field { get; } }";
        GeneratorRunResult run = Rerun([Layout, Part], 1, Part.Replace("Field", "Other", StringComparison.Ordinal));
        Assert.Equal(IncrementalStepRunReason.Modified, Assert.Single(Reasons(run.TrackedSteps[TrackingNames.Parse])));
        CheckNothingNew(Rerun([Layout, Part], 1, Part + " // a comment"));
    }

    [Fact]
    public void No_step_hands_on_symbols_syntax_or_compilations()
    {
        GeneratorDriver driver = Harness.Driver()
            .RunGenerators(Harness.Compile(Samples.Word64, Samples.Word128, Samples.Word256, Samples.Faulty), Token);
        foreach (string step in Steps)
        {
            foreach ((object value, IncrementalStepRunReason _) in Result(driver).TrackedSteps[step].SelectMany(static run => run.Outputs))
            {
                Assert.Empty(ObjectGraph.FindCompilerObjects(value));
            }
        }
    }

    [Fact]
    public void The_search_for_compiler_objects_finds_them_at_any_depth()
    {
        CSharpCompilation compilation = Harness.Compile(Samples.Word64);
        SyntaxTree tree = compilation.SyntaxTrees[0];
        SyntaxNode root = tree.GetRoot(Token);
        Assert.Single(ObjectGraph.FindCompilerObjects(compilation));
        Assert.Single(ObjectGraph.FindCompilerObjects((1, new List<object> { "text", new[] { root } })));
        Assert.Single(ObjectGraph.FindCompilerObjects(ImmutableArray.Create<object>(compilation.GlobalNamespace)));
        Assert.Single(ObjectGraph.FindCompilerObjects(new Lazy<object>(root.GetLocation())));
        Assert.Single(ObjectGraph.FindCompilerObjects(Tuple.Create(tree)));
        Assert.Empty(ObjectGraph.FindCompilerObjects((1, "text", ImmutableArray.Create(2.0))));
    }

    private static System.Threading.CancellationToken Token => TestContext.Current.CancellationToken;

    private static GeneratorRunResult Rerun(string[] sources, int index, string edited)
    {
        CSharpCompilation compilation = Harness.Compile(sources);
        GeneratorDriver driver = Harness.Driver().RunGenerators(compilation, Token);
        SyntaxTree old = compilation.SyntaxTrees[index];
        return Result(driver.RunGenerators(compilation.ReplaceSyntaxTree(old, Harness.Tree(edited, index)), Token));
    }

    private static GeneratorRunResult Result(GeneratorDriver driver)
    {
        GeneratorRunResult result = Assert.Single(driver.GetRunResult().Results);
        Assert.Null(result.Exception);
        return result;
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(IEnumerable<IncrementalGeneratorRunStep> steps) =>
        steps.SelectMany(static step => step.Outputs).Select(static output => output.Reason);

    private static void CheckNothingNew(GeneratorRunResult run)
    {
        foreach (string step in Steps)
        {
            IncrementalStepRunReason[] reasons = [.. Reasons(run.TrackedSteps[step])];
            Assert.NotEmpty(reasons);
            Assert.All(
                reasons,
                static reason =>
                    Assert.True(reason is IncrementalStepRunReason.Unchanged or IncrementalStepRunReason.Cached, reason.ToString()));
        }

        IncrementalStepRunReason[] outputs = [.. run.TrackedOutputSteps.SelectMany(static step => Reasons(step.Value))];
        Assert.NotEmpty(outputs);
        Assert.All(outputs, static reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }
}
