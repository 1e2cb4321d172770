using System;
using System.IO;
using System.Text;
using Xunit;

namespace FastRmp.Images.Tests.Memory;

public sealed class KernelSymbolsTests
{
    private const string List = "0000000000000000 A fixed\nffffffff81000000 T _stext\nffffffff81000100 t first\nffffffff81000100 T alias\n"
        + "ffffffff81000200 W second\nffffffff81000300 r table\nffffffff81000400 R label\nffffffff81000400 T third\n"
        + "ffffffffc0001000 t later\t[module]\nffffffffc0000000 t earlier\t[module]\n";

    [Theory]
    [InlineData(0xFFFF_FFFF_8100_0000UL, "_stext", 0)]
    [InlineData(0xFFFF_FFFF_8100_00FFUL, "_stext", 0xFF)]
    [InlineData(0xFFFF_FFFF_8100_0100UL, "first", 0)]
    [InlineData(0xFFFF_FFFF_8100_02FFUL, "second", 0xFF)]
    [InlineData(0xFFFF_FFFF_8100_0300UL, null, 0)]
    [InlineData(0xFFFF_FFFF_8100_0401UL, "third", 1)]
    [InlineData(0xFFFF_FFFF_8110_03FFUL, "third", 0xF_FFFF)]
    [InlineData(0xFFFF_FFFF_8110_0400UL, null, 0)]
    [InlineData(0xFFFF_FFFF_C000_0FFFUL, "earlier", 0xFFF)]
    [InlineData(0xFFFF_FFFF_C000_1001UL, "later", 1)]
    [InlineData(0x1234UL, null, 0)]
    public void An_address_is_in_the_function_before_it(ulong address, string? name, ulong offset)
    {
        Assert.Equal(name is not null, Read(List).TryFindFunction(address, out string? found, out ulong distance));
        Assert.Equal(name, found);
        if (name is not null) Assert.Equal(offset, distance);
    }

    [Fact]
    public void A_placeholder_of_a_distribution_is_no_list() => Assert.Contains(
        "is a placeholder without symbols",
        Assert.Throws<MalformedInputException>(
            () => Read("ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n")).Message,
        StringComparison.Ordinal);

    private static KernelSymbols Read(string text) => KernelSymbols.Read(new MemoryStream(Encoding.ASCII.GetBytes(text)), "list");
}
