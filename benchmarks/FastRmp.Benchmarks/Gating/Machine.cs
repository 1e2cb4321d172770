using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace FastRmp.Benchmarks.Gating;

/// <summary>What ratios depend on.</summary>
/// <param name="Cpu">Vendor, family and model, such as <c>GenuineIntel 6/207</c>; elsewhere the architecture.</param>
/// <param name="VectorBits">The widest vectors that the JIT uses: 512, 256, 128 or 0.</param>
internal sealed record Machine(string Cpu, int VectorBits)
{
    private const string CpuInfo = "/proc/cpuinfo";

    /// <summary>This machine.</summary>
    internal static Machine Current => new(
        X86Base.IsSupported ? FromCpuId() : FromSystem() ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0);

    /// <summary>The vendor in <see cref="Cpu"/>: all before a space.</summary>
    internal static string VendorOf(string cpu) => cpu.Split(' ')[0];

    /// <summary>Vendor and family in <see cref="Cpu"/>: all before the stroke.</summary>
    internal static string FamilyOf(string cpu) => cpu.Split('/')[0];

    /// <summary>The same name by what Linux says of its first processor: with DOTNET_EnableHWIntrinsic=0 there is no CPUID.</summary>
    /// <param name="text">The lines of /proc/cpuinfo.</param>
    /// <returns>Null if one of vendor, family and model is missing, as on other architectures.</returns>
    internal static string? FromCpuInfo(string text)
    {
        string? vendor = Field(text, "vendor_id");
        string? family = Field(text, "cpu family");
        string? model = Field(text, "model");
        return vendor is null || family is null || model is null ? null : $"{vendor} {family}/{model}";
    }

    private static string? FromSystem() => File.Exists(CpuInfo) ? FromCpuInfo(File.ReadAllText(CpuInfo)) : null;

    private static string? Field(string text, string name)
    {
        string? line = text.Split('\n').FirstOrDefault(line => line.Split(':')[0].Trim() == name);
        return line?[(line.IndexOf(':', System.StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string FromCpuId()
    {
        (_, int ebx, int ecx, int edx) = X86Base.CpuId(0, 0);
        int signature = X86Base.CpuId(1, 0).Eax;
        int family = (signature >> 8) & 0xF;
        // the extended model counts for families 6 and 15: all that run .NET
        int model = ((signature >> 4) & 0xF) | ((signature >> 12) & 0xF0);
        if (family == 0xF) family += (signature >> 20) & 0xFF;
        int[] words = [ebx, edx, ecx];
        string vendor = Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>(words));
        return $"{vendor} {family}/{model}";
    }
}
