using System;
using FastRmp.Paging;

namespace FastRmp.Images;

/// <summary>The registers of one processor at the time of the dump, as far as a walker or a reader needs them.</summary>
/// <param name="Control">CR0, CR3 and CR4: whether paging is on, the root of the paging structures, four or five levels. EFER is 0.</param>
/// <param name="Cr2">CR2: the address of the last page fault.</param>
/// <param name="InstructionPointer">RIP.</param>
/// <param name="Flags">RFLAGS.</param>
/// <param name="StackPointer">RSP.</param>
/// <param name="CodeSelector">CS; the privilege level is bits [1:0].</param>
/// <remarks>Source: the note named <c>QEMU</c> of an ELF core, the emulator's own record; EFER is not in it.</remarks>
public readonly record struct CpuState(
    ControlRegisters Control, ulong Cr2, ulong InstructionPointer, ulong Flags, ulong StackPointer, uint CodeSelector)
{
    /// <summary>The registers of a kernel in long mode, for tables that no processor of the image has in CR3: CR0.PG and WP, CR4.PAE, and
    /// nothing else.</summary>
    /// <param name="root">CR3.</param>
    /// <param name="mode">Four or five levels.</param>
    /// <returns>The registers.</returns>
    public static CpuState LongMode(Cr3 root, PagingMode mode = PagingMode.FourLevel) => default(CpuState) with
    {
        Control = new ControlRegisters
        {
            Cr3 = root,
            Paging = true,
            WriteProtect = true,
            PhysicalAddressExtensions = true,
            La57 = mode.IsFiveLevel(),
        },
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
        bool isFiveLevel = options.FiveLevels || Control.La57;
        ControlRegisters registers = Control with
        {
            Cr3 = options.Root ?? Control.Cr3,
            La57 = isFiveLevel,
            SupervisorProtectionKeys = false,
            ControlFlowEnforcement = options.ShadowStacks || Control.ControlFlowEnforcement,
            NoExecuteEnable = true,
        };
        ProcessorModel processor = options.Processor with { HasLa57 = isFiveLevel || options.Processor.HasLa57 };
        return PagingState.FromRegisters(registers, processor, options.Pkru, encryption: options.Encryption);
    }
}
