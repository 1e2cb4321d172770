using System.Globalization;
using System.Threading;

namespace FastRmp.Images;

/// <summary>Where the kernel's variables in an image say that the RMP is.</summary>
/// <remarks>Source: Linux arch/x86/virt/svm/sev.c: <c>probed_rmp_base</c> and <c>probed_rmp_size</c> since 6.9, <c>rmp_cfg</c> since
/// 6.14.</remarks>
internal static class KernelVariables
{
    internal static bool TryRead(
        MemoryImage image, KernelSymbols symbols, CancellationToken cancellation, out RmpRegisters registers, out string? reason)
    {
        registers = default;
        if (KernelMemory.Of(image, cancellation) is not { } memory)
        {
            reason = "the kernel's variables cannot be read: the image has no VMCOREINFO that names the kernel's tables";
            return false;
        }

        VmCoreInfo notes = image.VmCoreInfo!;
        if (!TryRead(memory, notes, symbols, "probed_rmp_base", out ulong start, out reason)
            || !TryRead(memory, notes, symbols, "probed_rmp_size", out ulong size, out reason))
        {
            return false;
        }

        ulong configuration = 0; // kernels before segments do not have it
        if (symbols.TryGet("rmp_cfg", out _) && !TryRead(memory, notes, symbols, "rmp_cfg", out configuration, out reason)) return false;
        reason = size == 0 ? "the kernel found no RMP (probed_rmp_size is 0)" : null;
        registers = new RmpRegisters(start, start + size - 1, configuration);
        if (registers.IsSegmented) registers = registers with { RmpEnd = 0 };
        return size != 0;
    }

    private static bool TryRead(
        KernelMemory memory, VmCoreInfo notes, KernelSymbols symbols, string name, out ulong value, out string? reason)
    {
        value = 0;
        if (!symbols.TryLocate(notes, name, out ulong address, out string? refusal))
        {
            reason = $"{symbols.Name} {refusal}";
            return false;
        }

        reason = null;
        if (memory.TryRead(address, out value)) return true;
        reason = string.Create(
            CultureInfo.InvariantCulture, $"the kernel's variable {name} at 0x{address:x} is not mapped, or not in the image");
        return false;
    }
}
