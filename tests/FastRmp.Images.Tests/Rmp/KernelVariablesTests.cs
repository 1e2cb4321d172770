using System;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Rmp;

public class KernelVariablesTests
{
    private static readonly ulong[] Range = [0x100_0000, 0x40_C000, 0];

    [Theory]
    [InlineData(0)]
    [InlineData(0x1000)]
    public void Variables_tell_a_contiguous_table(ulong moved)
    {
        RmpLocation found = Found(Host(Range, moved), Moved(moved));
        Assert.Equal(RmpSource.KernelVariables, found.Source);
        Assert.True(found.Geometry.TryGetContiguous(out ContiguousGeometry range));
        Assert.Equal((0x100_0000UL, 0x140_BFFFUL), (range.Base.Value, range.End.Value));
    }

    [Fact]
    public void Symbols_of_a_running_kernel_are_where_they_are() => _ = Found(Host(Range, 0x1000), HostKernel.SystemMap);

    [Fact]
    public void The_kernel_s_own_list_leads_to_them_if_the_log_does_not_say()
    {
        const ulong Place = 0xFFFF_FFFF_8010_0000UL;
        HostKernel host = Host(Range).Extra(
            0x10_0000,
            Kallsyms.Tables(
                [
                    (0xFFFF_FFFF_8000_0000UL, 'T', "_stext"), (0xFFFF_FFFF_8000_8000UL, 'b', "probed_rmp_base"),
                    (0xFFFF_FFFF_8000_8008UL, 'b', "probed_rmp_size"), (0xFFFF_FFFF_8000_8010UL, 'b', "rmp_cfg"),
                ],
                0xFFFF_FFFF_8000_0000UL, Place, KallsymsWay.FromItself));
        host.Notes += Kallsyms.Notes(Place, KallsymsWay.FromItself);
        using MemoryImage image = MemoryImage.Read(ImageFile.Read(new System.IO.MemoryStream(host.Build()), "host"));
        Assert.True(RmpFinder.TryFind(image, symbols: null, out RmpLocation found, out string? reason), reason);
        Assert.Null(reason);
        Assert.Equal(RmpSource.KernelVariables, found.Source);
        Assert.True(found.Geometry.TryGetContiguous(out ContiguousGeometry range));
        Assert.Equal((0x100_0000UL, 0x140_BFFFUL), (range.Base.Value, range.End.Value));
    }

    [Fact]
    public void Variables_lead_to_the_segment_table() =>
        RmpFinderTests.IsSegmented(Found(Host([0x200_0000, 0x5000, 0x1E01]), HostKernel.SystemMap).Geometry);

    [Fact]
    public void A_kernel_without_segments_has_no_variable_for_them() =>
        _ = Found(Host([0x100_0000, 0x40_C000, 0x1E01]), HostKernel.SystemMap.Replace("rmp_cfg", "other", StringComparison.Ordinal));

    [Fact]
    public void Names_that_link_time_optimisation_made_are_known() =>
        _ = Found(Host(Range), HostKernel.SystemMap.Replace(" probed_rmp_size", " probed_rmp_size.llvm.1234", StringComparison.Ordinal));

    [Fact]
    public void Lines_of_modules_and_of_other_systems_are_read() =>
        _ = Found(Host(Range), HostKernel.SystemMap.Replace("\n", "\t[kernel]\r\n", StringComparison.Ordinal));

    [Theory]
    [InlineData("map has no symbol probed_rmp_base", "b probed_rmp_base\n", "b other\n")]
    [InlineData("map has no symbol probed_rmp_size", "probed_rmp_size", "other")]
    [InlineData(
        "map is of another kernel: _stext is at 0xffffffff81000000 in it, and at 0xffffffff80000000 by VMCOREINFO", "ffffffff80000000 T",
        "ffffffff81000000 T")]
    [InlineData(
        "map is of another kernel: init_top_pgt is at 0xffffffff80002000 in it, and at 0xffffffff80001000 by VMCOREINFO",
        "ffffffff80001000", "ffffffff80002000")]
    [InlineData("map has no addresses: only root sees those of /proc/kallsyms", "ffffffff80000000 T", "0000000000000000 T")]
    [InlineData(
        "the kernel's variable probed_rmp_base at 0xffffffff90008000 is not mapped, or not in the image", "ffffffff80008000",
        "ffffffff90008000")]
    public void Symbols_that_do_not_fit_are_refused(string reason, string from, string to) =>
        Assert.Equal(reason, Refused(Host(Range), HostKernel.SystemMap.Replace(from, to, StringComparison.Ordinal)));

    [Fact]
    public void Symbols_without_any_that_the_notes_have_are_refused() =>
        Assert.StartsWith(
            "map has no symbol that VMCOREINFO has, too", Refused(Host(Range), "ffffffff80008000 b probed_rmp_base\n"),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("the kernel found no RMP (probed_rmp_size is 0)", 0x100_0000, 0, 0)]
    [InlineData("RMP_BASE 0x1001001 is not a multiple of 8 KiB", 0x100_1001, 0x40_C000, 0)]
    [InlineData("RMP_CFG 0x1e03 has reserved bits set, [7:1] or [63:14]", 0x200_0000, 0x5000, 0x1E03)]
    [InlineData("the segment exponent 29 is outside 30 to 52, which the processor turin supports", 0x200_0000, 0x5000, 0x1D01)]
    [InlineData("the segment table at 0x2104000 is not in the image, whole (0 of 4096 bytes)", 0x210_0000, 0x5000, 0x1E01)]
    public void Values_that_are_no_RMP_are_refused(string reason, ulong start, ulong size, ulong configuration) =>
        Assert.Equal(reason, Refused(Host([start, size, configuration]), HostKernel.SystemMap));

    [Fact]
    public void An_image_without_notes_has_no_variables()
    {
        HostKernel host = Host(Range);
        host.Notes = string.Empty;
        Assert.StartsWith("the kernel's variables cannot be read: ", Refused(host, HostKernel.SystemMap), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_list_of_symbols_is_refused()
    {
        foreach (string text in (string[])["", "\n", "hello", "ffffffff80000000", "ffffffff80000000 T", "ffffffff80000000 T ", "1  T x"])
        {
            Assert.Throws<MalformedInputException>(() => RmpFinderTests.Symbols(text));
        }

        Assert.True(RmpFinderTests.Symbols("1 T x").TryGet("x", out ulong address));
        Assert.Equal(1UL, address);
        using TemporaryFile packed = new(Fixture.Gzipped(Encoding.ASCII.GetBytes(HostKernel.SystemMap)));
        Assert.True(KernelSymbols.Open(packed.Path).TryGet("rmp_cfg", out address));
        Assert.Equal(0xFFFF_FFFF_8000_8010UL, address);
    }

    [Fact]
    public void A_look_up_in_a_text_without_lines_takes_no_time()
    {
        StringBuilder text = new("1 T a");
        for (int i = 0; i < 500_000; i++) text.Append(" _stext");
        Assert.False(RmpFinderTests.Symbols(text.ToString()).TryGet("_stext", out _));
    }

    private static HostKernel Host(ulong[] variables, ulong moved = 0)
    {
        HostKernel host = new();
        variables.CopyTo(host.Variables, 0);
        host.Notes = host.Notes.Replace("KERNELOFFSET=0", $"KERNELOFFSET={moved:x}", StringComparison.Ordinal);
        return host;
    }

    /// <summary>The symbols as linked, for a kernel that was moved.</summary>
    private static string Moved(ulong by)
    {
        StringBuilder text = new();
        foreach (string line in HostKernel.SystemMap.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append(FormattableString.Invariant($"{Convert.ToUInt64(line[..16], 16) - by:x16}{line[16..]}\n"));
        }

        return text.ToString();
    }

    private static RmpLocation Found(HostKernel host, string symbols)
    {
        using MemoryImage image = RmpFinderTests.Open(host.Build());
        Assert.True(
            RmpFinder.TryFind(
                image, RmpFinderTests.Symbols(symbols), out RmpLocation location, out string? reason,
                TestContext.Current.CancellationToken),
            reason);
        return location;
    }

    private static string Refused(HostKernel host, string symbols)
    {
        using MemoryImage image = RmpFinderTests.Open(host.Build());
        Assert.False(RmpFinder.TryFind(
            image, RmpFinderTests.Symbols(symbols), out _, out string? reason, TestContext.Current.CancellationToken));
        return reason;
    }
}
