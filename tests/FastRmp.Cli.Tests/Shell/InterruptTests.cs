using System.Threading;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Shell;

public class InterruptTests
{
    [Fact]
    public void An_interrupted_replay_ends_with_130()
    {
        using CancellationTokenSource interrupt = new();
        interrupt.Cancel();
        Assert.Equal(130, Tool.RunOn(TerminalState.None, interrupt.Token, "replay").Code);
    }

    [Theory]
    [InlineData("--tsv")]
    [InlineData("--ranges")]
    public void An_interrupted_listing_ends_with_130(string option)
    {
        using TemporaryFile image = new(Cores.SelfReferencing());
        using CancellationTokenSource interrupt = new();
        interrupt.Cancel();
        Assert.Equal(130, Tool.RunOn(TerminalState.None, interrupt.Token, "map", image.Path, option).Code);
    }

    [Fact]
    public void A_listing_without_end_ends_with_its_reader()
    {
        using TemporaryFile image = new(Cores.SelfReferencing());
        using FailingWriter output = new(1 << 20, FailingWriter.BrokenPipe);
        Assert.Equal((0, string.Empty), Tool.RunInto(output, "map", image.Path));
    }
}
