using FastRmp.Generators.Emitting;
using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class SnapshotTests
{
    [Fact]
    public void A_layout_of_64_bits_is_emitted_as_approved() => Snapshot.Matches("Word64", Harness.Emitted(Samples.Word64));

    [Fact]
    public void A_layout_of_128_bits_is_emitted_as_approved() => Snapshot.Matches("Word128", Harness.Emitted(Samples.Word128));

    [Fact]
    public void A_layout_of_256_bits_is_emitted_as_approved() => Snapshot.Matches("Word256", Harness.Emitted(Samples.Word256));

    [Fact]
    public void A_faulty_layout_is_emitted_as_approved() => Snapshot.Matches("Faulty", Harness.Emitted(Samples.Faulty));

    [Fact]
    public void The_injected_attributes_are_as_approved() => Snapshot.Matches("Attributes", InjectedAttributes.Source);

    [Fact]
    public void The_injected_writer_is_as_approved() => Snapshot.Matches("BitLayoutWriter", InjectedWriter.Source);

    [Fact]
    public void Output_has_no_carriage_return_and_ends_with_one_line_feed()
    {
        foreach (string sample in new[] { Samples.Word64, Samples.Word128, Samples.Word256, Samples.Faulty })
        {
            string text = Harness.Emitted(sample.ReplaceLineEndings("\r\n"));
            Assert.DoesNotContain('\r', text);
            Assert.EndsWith("}\n", text, System.StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_first_difference_names_line_and_both_texts() =>
        Assert.Equal("line 2: expected 'b', received 'c'", Snapshot.FirstDifference("a\nb", "a\nc"));
}
