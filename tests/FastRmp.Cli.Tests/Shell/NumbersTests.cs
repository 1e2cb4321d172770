using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Shell;

public class NumbersTests
{
    [Theory]
    [InlineData("--cpu", "-1")]
    [InlineData("--cpu", "one")]
    [InlineData("--cpu", "a")] // counts are decimal without 0x
    [InlineData("--cpu", "0xg")]
    [InlineData("--cpu", "0x")]
    [InlineData("--cpu", "")]
    [InlineData("--cpu", " 1")]
    [InlineData("--cpu", "1.0")]
    [InlineData("--cpu", "2147483648")]
    public void Invalid_counts_are_refused(string option, string text) =>
        Tool.Run("map", "image", option, text)
            .IsUsageError($"{option}: '{text}' is not a number from 0 to 2147483647, decimal or hexadecimal with 0x");

    [Theory]
    [InlineData("--cr3", "xyz")]
    [InlineData("--start", "0x")]
    [InlineData("--start", "")]
    [InlineData("--start", "-1")]
    [InlineData("--end", "0x1_0000")]
    [InlineData("--end", "10000000000000000")] // 65 bits
    [InlineData("--end", "0x0x1")]
    public void Addresses_that_are_none_are_refused(string option, string text) =>
        Tool.Run("map", "image", option, text).IsUsageError($"{option}: '{text}' is not a hexadecimal number of at most 64 bits");

    [Theory]
    [InlineData("--cpu", "0")]
    [InlineData("--cpu", "0x1")]
    [InlineData("--cpu", "2147483647")]
    [InlineData("--cr3", "0x1000")]
    [InlineData("--cr3", "0X1A")]
    [InlineData("--start", "FFFF888000000000")]
    [InlineData("--end", "ffffffffffffffff")]
    public void Numbers_reach_the_command(string option, string text) =>
        Tool.Run("map", "/no/image", option, text).IsBadInput("/no/image: there is no such file");

    [Fact]
    public void An_option_given_twice_is_refused() =>
        Tool.Run("map", "image", "--cpu", "1", "--cpu", "1").IsUsageError("Option '--cpu' expects a single argument but 2 were provided.");
}
