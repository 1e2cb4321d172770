using Xunit;

namespace FastRmp.Qemu.Tests.Options;

public sealed class PluginOptionsTests
{
    [Theory]
    [InlineData("rmp=0x40000000-0x41ffffff", false, 0x4000_0000UL, 0x41FF_FFFFUL, 0)]
    [InlineData("rmp=contiguous:1073741824-0x41FFFFFF", false, 0x4000_0000UL, 0x41FF_FFFFUL, 0)]
    [InlineData("rmp=segmented:0x40000000-0x41ffffff", true, 0x4000_0000UL, 0x41FF_FFFFUL, 30)]
    [InlineData("rmp=segmented:0x40000000-0x41ffffff:36", true, 0x4000_0000UL, 0x41FF_FFFFUL, 36)]
    public void A_placement_is_read(string text, bool isSegmented, ulong first, ulong last, int shift)
    {
        Assert.True(PluginOptions.TryParse(["ram=/m", text, "processor=turin"], out PluginOptions? options, out _));
        Assert.Equal(new RmpPlacement(isSegmented, first, last, shift), options.Rmp);
        Assert.Equal("/m", options.Ram);
        Assert.Equal(ProcessorModel.Turin, options.Processor);
    }

    [Fact]
    public void Venice_has_RMPOPT()
    {
        Assert.True(PluginOptions.TryParse(["ram=/m", "rmp=1-2", "processor=venice"], out PluginOptions? options, out _));
        Assert.Equal(ProcessorModel.Venice, options.Processor);
        Assert.True(ProcessorIdentity.TryAnswer(options.Processor, 0x8000_0025u, out CpuidAnswer answer));
        Assert.Equal(1u, answer.Edx);
    }

    [Fact]
    public void Files_are_optional_and_the_processor_is_milan()
    {
        string[] arguments = ["ram=/m", "rmp=1-2", "trace=/t=1", "report=/r", "check=report", "symbols=/s"];
        Assert.True(PluginOptions.TryParse(arguments, out PluginOptions? options, out _));
        Assert.Equal("/t=1", options.Trace);
        Assert.Equal("/r", options.Report);
        Assert.Equal("/s", options.Symbols);
        Assert.Equal(ProcessorModel.Milan, options.Processor);
        Assert.True(options.ChecksStores);
        Assert.False(options.PreventsStores);
        Assert.Null(options.SecureProcessorSlot);
        Assert.True(PluginOptions.TryParse(["ram=/m", "rmp=1-2", "psp=0x10"], out options, out _));
        Assert.Equal(16, options.SecureProcessorSlot);
        Assert.True(PluginOptions.TryParse(["ram=/m", "rmp=1-2", "psp=0x10", "check=fault"], out options, out _));
        Assert.True(options.ChecksStores && options.PreventsStores);
    }

    [Theory]
    [InlineData("no option is called size; there are ram, ", "ram=/m", "rmp=1-2", "size=3")]
    [InlineData("ram has no value", "ram=", "rmp=1-2")]
    [InlineData("trace has no value", "ram=/m", "rmp=1-2", "trace")]
    [InlineData("ram is given twice", "ram=/m", "ram=/n", "rmp=1-2")]
    [InlineData("ram=FILE is missing", "rmp=1-2")]
    [InlineData("rmp=FIRST-LAST or rmp=segmented:FIRST-LAST is missing", "ram=/m")]
    [InlineData("psp=0: write the slot", "ram=/m", "rmp=1-2", "psp=0")]
    [InlineData("psp=32: write the slot of -device pci-testdev,addr=SLOT, 1 to 31", "ram=/m", "rmp=1-2", "psp=32")]
    [InlineData("psp=x: write the slot", "ram=/m", "rmp=1-2", "psp=x")]
    [InlineData("check=on: there are off, report and fault", "ram=/m", "rmp=1-2", "check=on")]
    [InlineData("check=fault needs psp=SLOT", "ram=/m", "rmp=1-2", "check=fault")]
    [InlineData("processor=zen: there are milan, genoa, turin, venice", "ram=/m", "rmp=1-2", "processor=zen")]
    [InlineData("processor=intel: there are milan, genoa, turin, venice", "ram=/m", "rmp=1-2", "processor=intel")]
    [InlineData("rmp=1: write FIRST-LAST", "ram=/m", "rmp=1")]
    [InlineData("rmp=1-2-3: write FIRST-LAST", "ram=/m", "rmp=1-2-3")]
    [InlineData("rmp=1-2:30: write FIRST-LAST", "ram=/m", "rmp=1-2:30")]
    [InlineData("rmp=contiguous:1-2:30: write FIRST-LAST", "ram=/m", "rmp=contiguous:1-2:30")]
    [InlineData("rmp=segmented: write FIRST-LAST", "ram=/m", "rmp=segmented", "processor=turin")]
    [InlineData("rmp=segmented:1-2:x: write FIRST-LAST", "ram=/m", "rmp=segmented:1-2:x", "processor=turin")]
    [InlineData("rmp=0xg-2: write FIRST-LAST", "ram=/m", "rmp=0xg-2")]
    [InlineData("rmp=-1-2: write FIRST-LAST", "ram=/m", "rmp=-1-2")]
    [InlineData("rmp=0x10000000000000000-2: write FIRST-LAST", "ram=/m", "rmp=0x10000000000000000-2")]
    [InlineData("rmp=2-2: the last byte is not above the first one", "ram=/m", "rmp=2-2")]
    [InlineData("rmp=0-0x10000000000000: physical addresses have 52 bits", "ram=/m", "rmp=0-0x10000000000000")]
    [InlineData("a genoa has no segmented RMP; turin and venice do", "ram=/m", "rmp=segmented:1-2", "processor=genoa")]
    public void A_bad_option_is_named(string problem, params string[] arguments)
    {
        Assert.False(PluginOptions.TryParse(arguments, out PluginOptions? options, out string? said));
        Assert.Null(options);
        Assert.Contains(problem, said, System.StringComparison.Ordinal);
    }
}
