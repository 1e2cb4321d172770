using System;
using FastRmp.Paging;

namespace FastRmp.Images;

/// <summary>The registers of one processor at the time of the dump, as far as a walker or a reader needs them.</summary>
/// <param name="Cr0">CR0: whether paging is on.</param>
/// <param name="Cr2">CR2: the address of the last page fault.</param>
/// <param name="Cr3">CR3: the root of the paging structures.</param>
/// <param name="Cr4">CR4: four or five levels.</param>
/// <param name="InstructionPointer">RIP.</param>
/// <param name="Flags">RFLAGS.</param>
/// <param name="StackPointer">RSP.</param>
/// <param name="CodeSelector">CS; the privilege level is bits [1:0].</param>
/// <remarks>Source: the note named <c>QEMU</c> of an ELF core, the emulator's own record; EFER is not in it.</remarks>
public readonly record struct CpuState(
    Cr0 Cr0, ulong Cr2, Cr3 Cr3, Cr4 Cr4, ulong InstructionPointer, ulong Flags, ulong StackPointer, uint CodeSelector)
{
    /// <summary>The registers of a kernel in long mode, for tables that no processor of the image has in CR3: CR0.PG and WP, CR4.PAE, and
    /// nothing else.</summary>
    /// <param name="root">CR3.</param>
    /// <param name="mode">Four or five levels.</param>
    /// <returns>The registers.</returns>
    public static CpuState LongMode(Cr3 root, PagingMode mode = PagingMode.FourLevel) => default(CpuState) with
    {
        Cr0 = new Cr0 { Paging = true, WriteProtect = true },
        Cr3 = root,
        Cr4 = new Cr4 { PhysicalAddressExtensions = true, La57 = mode.IsFiveLevel() },
    };

    /// <summary>The state that walks of this processor's tables depend on.</summary>
    /// <param name="options">What the registers do not say; null for the defaults.</param>
    /// <returns>The state.</returns>
    /// <remarks>Long mode is taken for granted. EFER and PKRS are in no image: NXE counts as set, as a kernel in long mode has it, and keys
    /// of supervisor pages as off.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The physical-address width, after the reduction by memory encryption too, is not 36 to
    /// 52, or the C-bit not 32 to 51.</exception>
    public PagingState ToPagingState(PagingOptions? options = null)
    {
        options ??= new PagingOptions();
        bool isFiveLevel = options.FiveLevels || Cr4.La57;
        Cr4 cr4 = Cr4 with
        {
            La57 = isFiveLevel,
            SupervisorProtectionKeys = false,
            ControlFlowEnforcement = options.ShadowStacks || Cr4.ControlFlowEnforcement,
        };
        ProcessorModel processor = options.Processor with { HasLa57 = isFiveLevel || options.Processor.HasLa57 };
        return PagingState.FromRegisters(
            Cr0, options.Root ?? Cr3, cr4, new Efer { NoExecuteEnable = true }, processor, options.Pkru, encryption: options.Encryption);
    }
}
