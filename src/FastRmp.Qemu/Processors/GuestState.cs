using System;
using FastRmp.Paging;

namespace FastRmp.Qemu;

/// <summary>What of a processor's state the rules depend on, read from its registers.</summary>
/// <param name="Registers">CR0, CR3, CR4 and EFER.</param>
/// <param name="Cpl">The privilege level, 0 to 3.</param>
/// <remarks>In long mode the processor is taken to be in 64-bit mode: the emulator does not tell compatibility mode.</remarks>
internal readonly record struct GuestState(ControlRegisters Registers, byte Cpl)
{
    private const ulong CplMask = 3;
    [ThreadStatic] private static LastPaging? _last;

    /// <summary>What walks need to know of the emulated processor: it has five levels if it turned them on, and 40 address bits.</summary>
    private static readonly ProcessorModel Walks = ProcessorModel.Milan with
    {
        Name = "emulated",
        PhysicalAddressWidth = 40,
        HasLa57 = true,
        HasPks = true,
        ReservesUpperBit8 = false,
    };

    /// <summary>EFER.LMA.</summary>
    internal bool IsLongMode => new Efer(Registers.Efer).LongModeActive;

    /// <summary>CR0.PE.</summary>
    internal bool IsProtectedMode => new Cr0(Registers.Cr0).ProtectedMode;

    /// <summary>Reads the state.</summary>
    internal static GuestState Of(IGuestProcessor processor) => new(
        new ControlRegisters(
            processor.Read(GuestRegister.Cr0),
            new Cr3(processor.Read(GuestRegister.Cr3)),
            processor.Read(GuestRegister.Cr4),
            processor.Read(GuestRegister.Efer)),
        (byte)(processor.Read(GuestRegister.Cs) & CplMask));

    /// <summary>The state of walks. Keys of pages are left out: their registers are not among those that the emulator shows.</summary>
    /// <remarks>An instruction walks several times by the same registers: the last state of each thread is kept.</remarks>
    internal PagingState Paging()
    {
        LastPaging last = _last ??= new LastPaging();
        if (!last.IsSet || last.Registers != Registers)
        {
            last.Paging = PagingState.FromRegisters(Registers with { ProtectionKeys = false, SupervisorProtectionKeys = false }, Walks);
            last.Registers = Registers;
            last.IsSet = true;
        }

        return last.Paging;
    }

    /// <summary>The state that instructions depend on, of the host.</summary>
    /// <param name="syscfg">The processor's SYSCFG.</param>
    internal ExecutionState Execution(Syscfg syscfg) => new(IsLongMode, Cpl, Asid: 0, syscfg.SnpEnabled);

    private sealed class LastPaging
    {
        internal bool IsSet;
        internal ControlRegisters Registers;
        internal PagingState Paging;
    }
}
