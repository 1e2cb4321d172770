using System;
using System.Buffers.Binary;

namespace FastRmp.Qemu;

/// <summary>Delivers an exception with an error code to the kernel, as a processor in 64-bit mode at CPL 0 does: the emulator's interface
/// has no call for it.</summary>
/// <remarks>AMD64 APM vol. 2, 8.9. Exceptions at CPL 3 and gates with a stack of their own need the task state segment, whose place the
/// interface does not tell; Linux has none for #GP and #PF.</remarks>
internal static class ExceptionDelivery
{
    private const ulong StackAlignment = 16;

    /// <summary>Pushes the frame and gives the handler's address.</summary>
    /// <param name="ram">The RAM.</param>
    /// <param name="processor">The processor; its registers become those of the handler, but for RIP.</param>
    /// <param name="state">Its state.</param>
    /// <param name="table">Its interrupt descriptor table; null if that is not known.</param>
    /// <param name="vector">The exception.</param>
    /// <param name="errorCode">The error code.</param>
    /// <param name="rip">The instruction.</param>
    /// <param name="handler">The handler's address.</param>
    /// <returns>False, with nothing changed, if the exception cannot be delivered here.</returns>
    internal static bool TryDeliver(
        GuestRam ram, IGuestProcessor processor, in GuestState state, InterruptTable? table, ExceptionVector vector, uint errorCode,
        ulong rip, out ulong handler)
    {
        handler = 0;
        if (table is null || state.Cpl != 0 || !state.IsLongMode || !table.TryGate(ram, vector, out InterruptGate gate)) return false;
        if (gate.Stack != 0) return false;
        RFlags flags = new(processor.Read(GuestRegister.RFlags));
        ulong codeSegment = processor.Read(GuestRegister.Cs);
        ulong stack = processor.Read(GuestRegister.Rsp);
        ReadOnlySpan<ulong> frame =
            [errorCode, rip, codeSegment, (flags with { Resume = true }).Value, stack, processor.Read(GuestRegister.Ss)];
        Span<byte> pushed = stackalloc byte[frame.Length * sizeof(ulong)];
        for (int i = 0; i < frame.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(pushed[(i * sizeof(ulong))..], frame[i]);
        ulong top = (stack & ~(StackAlignment - 1)) - (ulong)pushed.Length;
        if (!VirtualMemory.TryWrite(ram, state, top, pushed)) return false;

        RFlags inside = flags with
        {
            Carry = false,
            Parity = false,
            Auxiliary = false,
            Zero = false,
            Sign = false,
            Direction = false,
            Overflow = false,
            Trap = false,
            NestedTask = false,
            Resume = false,
            Virtual8086 = false,
        };
        if (InterruptTable.Masks(gate)) inside = inside with { Interrupt = false };
        processor.Write(GuestRegister.Rsp, top);
        processor.Write(GuestRegister.RFlags, inside.Value);
        if (gate.Selector != codeSegment) processor.Write(GuestRegister.Cs, gate.Selector);
        handler = gate.Handler;
        return true;
    }
}
