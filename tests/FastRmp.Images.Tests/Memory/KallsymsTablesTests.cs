using System.IO;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Memory;

/// <summary>The list of symbols in a kernel's memory.</summary>
public sealed class KallsymsTablesTests
{
    private const ulong Image = 0xFFFF_FFFF_8000_0000UL;
    private const ulong Place = 0x10_0000;
    private static readonly string Long = new('x', 300);

    private static readonly (ulong Address, char Kind, string Name)[] Symbols =
    [
        (0x20, 'A', "per_cpu_thing"), (Image, 'T', "_stext"), (Image + 0x1000, 'T', "asm_exc_page_fault"), (Image + 0x1200, 't', Long),
        (Image + 0x3FFF_F000UL, 'd', "far"),
    ];

    [Theory]
    [InlineData(KallsymsWay.Absolute)]
    [InlineData(KallsymsWay.FromBase)]
    [InlineData(KallsymsWay.FromItself)]
    public void Names_and_addresses_are_read(KallsymsWay way)
    {
        KernelSymbols symbols = Found(Host(Tables(way), way));
        for (int i = way == KallsymsWay.Absolute ? 0 : 1; i < Symbols.Length; i++)
        {
            Assert.True(symbols.TryGet(Symbols[i].Name, out ulong address));
            Assert.Equal(Symbols[i].Address, address);
        }

        Assert.True(symbols.TryFindFunction(Image + 0x1234, out string? name, out ulong offset));
        Assert.Equal((Long, 0x34UL), (name, offset));
        using MemoryImage image = Open(Host(Tables(way), way));
        Assert.True(symbols.TryLocate(image.FindVmCoreInfo()!, "asm_exc_page_fault", out ulong located, out _));
        Assert.Equal(Image + 0x1000, located);
    }

    [Fact]
    public void What_is_missing_or_does_not_fit_is_told()
    {
        Assert.Equal(
            "has a VMCOREINFO that does not name the kernel's list of symbols (kallsyms_names and others, since Linux 6.0)",
            Refused(new HostKernel()));
        byte[] tables = Tables(KallsymsWay.Absolute);
        foreach (int end in (int[])[Kallsyms.NamesAt, Kallsyms.OffsetsAt + 8])
        {
            Assert.Equal(
                "has not all of the kernel's list of symbols (kallsyms): pages of it are missing", Refused(Host(tables[..end])));
        }

        Assert.Equal("has a list of 0 symbols, which is none", Refused(Host(With(tables, 0, 0))));
        Assert.Equal("has a list of 4294967295 symbols, which is none", Refused(Host(With(tables, 0, 0xFF, 0xFF, 0xFF, 0xFF))));
        Assert.Equal(
            "has a list of the kernel's symbols without _stext, by which it would be known what its numbers mean",
            Refused(Host(With(tables, 0, 1, 0, 0, 0))));
        Assert.Equal(
            "has a list of the kernel's symbols in which _stext is not at 0xffffffff80000000, as VMCOREINFO says",
            Refused(Host(With(tables, 8, 0, 0, 0x10))));
        foreach ((int at, byte value) in ((int, byte)[])[(Kallsyms.TokensAt + ('p' * 2), (byte)' '), (Kallsyms.NamesAt, 0)])
        {
            Assert.Equal("has a damaged list of the kernel's symbols (kallsyms)", Refused(Host(With(tables, at, value))));
        }
    }

    [Fact]
    public void Damaged_tables_end_in_a_list_or_in_a_reason()
    {
        byte[] tables = Tables(KallsymsWay.Absolute);
        Mutator mutator = new(seed: 42);
        int read = 0;
        for (int i = 0; i < 500; i++)
        {
            byte[] damaged = mutator.Mutate(tables, Kallsyms.Bytes);
            using MemoryImage image = Open(Host(damaged));
            bool isRead = KernelSymbols.TryRead(image, out KernelSymbols? symbols, out string? reason);
            Assert.Equal(isRead, symbols is not null);
            Assert.Equal(isRead, reason is null);
            if (!isRead) continue;
            read++;
            symbols!.TryFindFunction(Image + 0x1234, out string? name, out _);
            Assert.DoesNotContain(name ?? "", char.IsControl);
        }

        Assert.InRange(read, 25, 475);
    }

    private static byte[] Tables(KallsymsWay way) => Kallsyms.Tables(Symbols, Image, Image + Place, way);

    private static byte[] With(byte[] tables, int at, params byte[] bytes)
    {
        byte[] changed = [.. tables];
        bytes.CopyTo(changed, at);
        return changed;
    }

    private static HostKernel Host(byte[] tables, KallsymsWay way = KallsymsWay.Absolute)
    {
        HostKernel host = new HostKernel(logBits: 12).Extra(Place, tables);
        host.Notes += Kallsyms.Notes(Image + Place, way);
        return host;
    }

    private static MemoryImage Open(HostKernel host) => MemoryImage.Read(ImageFile.Read(new MemoryStream(host.Build()), "host"));

    private static KernelSymbols Found(HostKernel host)
    {
        using MemoryImage image = Open(host);
        Assert.True(KernelSymbols.TryRead(image, out KernelSymbols? symbols, out string? reason), reason);
        return symbols;
    }

    private static string Refused(HostKernel host)
    {
        using MemoryImage image = Open(host);
        Assert.False(KernelSymbols.TryRead(image, out _, out string? reason));
        return reason;
    }
}
