using System;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Memory;

/// <summary>The log, the symbols and the variables of a real kernel in its memory.</summary>
public class RealKernelTests
{
    [Theory]
    [InlineData("qemu/core.elf.zst")]
    [InlineData("makedumpfile/lzo-d31.kdump.zst")]
    [InlineData("lime/lime.lime.zst")]
    public void The_log_is_found_although_its_text_was_zeroed(string name)
    {
        using MemoryImage image = MemoryImage.Open(Fixture.PathOf("images/" + name));
        byte[]? lines = KernelLogBuffer.Collect(image, (byte[][])["Linux version "u8.ToArray()], TestContext.Current.CancellationToken);
        Assert.Empty(lines!);
        Assert.False(RmpFinder.TryFind(image, null, out _, out string? reason, TestContext.Current.CancellationToken));
        Assert.Equal("the kernel's log in the image does not say where the RMP is", reason);
    }

    [Fact]
    public void A_variable_is_read_where_the_symbols_have_it()
    {
        using MemoryImage image = MemoryImage.Open(Fixture.PathOf("images/qemu/core.elf.zst"));
        KernelSymbols running = KernelSymbols.Open(Fixture.PathOf("images/oracle/kallsyms.txt"));
        Assert.True(running.TryGet("page_offset_base", out ulong there));
        KernelMemory memory = KernelMemory.Of(image, TestContext.Current.CancellationToken)!;
        foreach (KernelSymbols symbols in (KernelSymbols[])[running, Linked(0x860_0000)])
        {
            Assert.True(symbols.TryLocate(image.VmCoreInfo!, "page_offset_base", out ulong address, out string? reason), reason);
            Assert.Equal(there, address);
            Assert.True(memory.TryRead(address, out ulong value));
            Assert.Equal(0xFFFF_8ECA_0000_0000UL, value);
        }

        Assert.False(Linked(0x1000).TryLocate(image.VmCoreInfo!, "page_offset_base", out _, out string? other));
        Assert.StartsWith("is of another kernel: _stext is at 0x", other, StringComparison.Ordinal);
    }

    /// <summary>The symbols as they were before address randomisation moved them.</summary>
    private static KernelSymbols Linked(ulong by)
    {
        StringBuilder text = new();
        foreach (string line in System.IO.File.ReadAllLines(Fixture.PathOf("images/oracle/kallsyms.txt")))
        {
            text.Append(FormattableString.Invariant($"{Convert.ToUInt64(line[..16], 16) - by:x16}{line[16..]}\n"));
        }

        return KernelSymbols.Read(new System.IO.MemoryStream(Encoding.ASCII.GetBytes(text.ToString())), "System.map");
    }
}
