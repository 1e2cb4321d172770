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
    /// <summary>This machine.</summary>
    internal static Machine Current => new(
        X86Base.IsSupported ? FromCpuId() : RuntimeInformation.ProcessArchitecture.ToString(),
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0);

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
