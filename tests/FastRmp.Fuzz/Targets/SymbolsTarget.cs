using System.Collections.Generic;
using System.IO;
using System.Text;
using FastRmp.Images;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>Lists of a kernel's symbols.</summary>
internal sealed class SymbolsTarget : FuzzTarget
{
    private static readonly MemoryImage Image =
        MemoryImage.Read(ImageFile.Read(new MemoryStream(new HostKernel(logBits: 12).Build()), "host"));

    internal override string Name => "symbols";

    internal override int OrdinaryRounds => 20_000;

    internal override bool Read(byte[] input)
    {
        try
        {
            KernelSymbols symbols = KernelSymbols.Read(new MemoryStream(input), "in");
            bool isLocated = symbols.TryLocate(Image.VmCoreInfo!, "probed_rmp_base", out _, out string? reason);
            if (isLocated == reason is not null) throw new FuzzFailure($"{isLocated}: {reason}");
            _ = symbols.TryFindFunction(0xFFFF_FFFF_8000_8123UL, out _, out _);
            return symbols.TryGet("rmp_cfg", out _);
        }
        catch (MalformedInputException)
        {
            return false;
        }
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        yield return Encoding.ASCII.GetBytes(HostKernel.SystemMap);
        yield return Encoding.ASCII.GetBytes(HostKernel.SystemMap.Replace("\n", "\t[kernel]\r\n", System.StringComparison.Ordinal));
        yield return [.. Fixture.Bytes("images/oracle/kallsyms.txt"), .. Encoding.ASCII.GetBytes(HostKernel.SystemMap)];
    }
}
