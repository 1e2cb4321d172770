using System;
using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Sources;

/// <summary>A memory image as a command's user names it, and the processor whose tables are meant.</summary>
internal static class CoreSource
{
    private const string StandardInput = "-";
    private const string NoRegisters = "holds no processor's registers (no QEMU note); give --cr3";

    /// <summary>Opens a core by its name; <c>-</c> reads standard input.</summary>
    internal static ElfCore Open(Session session, string name)
    {
        if (name != StandardInput) return ElfCore.Open(name);
        using Stream input = session.OpenInput();
        return ElfCore.Read(ImageFile.Read(input, StandardInput));
    }

    /// <summary>The registers that a walk depends on.</summary>
    /// <param name="core">The image.</param>
    /// <param name="cpu">The processor; null for the first one, if there is no <paramref name="cr3"/>.</param>
    /// <param name="cr3">A root of the user's own: the other registers are those of processor 0, or of a kernel in long mode if the image has none.</param>
    /// <param name="chosen">The processor whose tables these are; null with a root of the user's own, and with the kernel's reference tables, which an image without registers has by VMCOREINFO.</param>
    /// <exception cref="MalformedInputException">There is no such processor, or it has no long-mode paging.</exception>
    internal static CpuState Registers(ElfCore core, int? cpu, ulong? cr3, out int? chosen)
    {
        ReadOnlySpan<CpuState> cpus = core.Cpus;
        if (cpus.IsEmpty && cpu is null)
        {
            chosen = null;
            return KernelOf(core, cr3);
        }

        chosen = cr3 is null ? cpu ?? 0 : null;
        if (chosen is not { } number) return cpus[0] with { Cr3 = new Cr3(cr3!.Value) };
        if (cpus.IsEmpty) throw Refusal(core, NoRegisters);
        if (number >= cpus.Length) throw Refusal(core, $"holds {cpus.Length} processors, numbered from 0: there is no processor {number}");
        CpuState registers = cpus[number];
        if (!registers.Cr0.Paging) throw Refusal(core, $"paging is off on processor {number} (CR0.PG is clear): there are no mappings");
        if (!registers.Cr4.PhysicalAddressExtensions) throw Refusal(core, $"processor {number} is not in long mode (CR4.PAE is clear)");
        return registers;
    }

    // The kernel's own dumps have no emulator's note. Their VMCOREINFO names the reference tables, and the levels.
    private static CpuState KernelOf(ElfCore core, ulong? cr3)
    {
        bool isKnown = KernelNotes.TryGetRoot(core, out PhysicalAddress root, out PagingMode mode);
        CpuState kernel = Kernel with { Cr4 = Kernel.Cr4 with { La57 = mode == PagingMode.FiveLevel } };
        if (cr3 is { } given) return kernel with { Cr3 = new Cr3(given) };
        if (isKnown) return kernel with { Cr3 = new Cr3(root.Value) };
        if (core.VmCoreInfo is null) throw Refusal(core, NoRegisters);
        throw Refusal(core, "holds no processor's registers (no QEMU note), and its VMCOREINFO does not tell the kernel's root (SYMBOL(swapper_pg_dir), NUMBER(phys_base)); give --cr3");
    }

    private static CpuState Kernel => default(CpuState) with { Cr0 = new Cr0 { Paging = true, WriteProtect = true }, Cr4 = new Cr4 { PhysicalAddressExtensions = true } };

    private static MalformedInputException Refusal(ElfCore core, string reason) => new(InputProblem.InFile(core.Image.Name, reason));
}
