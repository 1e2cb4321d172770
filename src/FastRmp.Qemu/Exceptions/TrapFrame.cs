using System;
using System.Runtime.InteropServices;

namespace FastRmp.Qemu;

/// <summary>What the processor pushed on the way to a handler, from the top on: RIP, CS, RFLAGS, RSP, SS.</summary>
/// <param name="Rip">Where it was.</param>
/// <param name="CodeSegment">CS.</param>
/// <param name="Flags">RFLAGS: all of them, as the emulator's interface never shows them.</param>
/// <param name="Stack">RSP.</param>
/// <param name="StackSegment">SS.</param>
/// <remarks>AMD64 APM vol. 2, 8.9.3.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TrapFrame(ulong Rip, ulong CodeSegment, RFlags Flags, ulong Stack, ulong StackSegment)
{
    private const ulong CplMask = 3;

    /// <summary>The privilege level that was left.</summary>
    internal byte Cpl => (byte)(CodeSegment & CplMask);

    /// <summary>Reads the frame.</summary>
    /// <param name="ram">The RAM.</param>
    /// <param name="state">The processor, in the handler.</param>
    /// <param name="address">Where the frame is.</param>
    /// <param name="frame">The frame.</param>
    internal static bool TryRead(GuestRam ram, in GuestState state, ulong address, out TrapFrame frame)
    {
        frame = default;
        return VirtualMemory.TryRead(ram, state, address, MemoryMarshal.AsBytes(new Span<TrapFrame>(ref frame)));
    }

    /// <summary>Writes the frame.</summary>
    /// <param name="ram">The RAM.</param>
    /// <param name="state">The processor, in the handler.</param>
    /// <param name="address">Where the frame is.</param>
    internal bool TryWrite(GuestRam ram, in GuestState state, ulong address)
    {
        TrapFrame frame = this;
        return VirtualMemory.TryWrite(ram, state, address, MemoryMarshal.AsBytes(new Span<TrapFrame>(ref frame)));
    }
}
