using System;
using System.Collections.Generic;

namespace FastRmp.Qemu.Tests.Support;

/// <summary>A processor whose registers are an array: a kernel in 64-bit mode at CPL 0 over the tables of <see cref="TestRam"/>. Its flags
/// are as the emulator's: the arithmetic ones and DF are kept apart, are not read, and what is written as such stays.</summary>
internal sealed class FakeProcessor : IGuestProcessor
{
    internal const ulong KernelCode = 0x10;
    internal const ulong KernelData = 0x18;
    internal const ulong UserCode = 0x33;
    internal const ulong Stack = TestRam.Direct + 0x5000;
    private const ulong KeptApart = 0xCD5;
    private readonly Dictionary<GuestRegister, ulong> _values = [];
    private ulong _apart;

    internal FakeProcessor(int index = 0)
    {
        Index = index;
        foreach (GuestRegister register in Enum.GetValues<GuestRegister>()) _values[register] = 0;
        this[GuestRegister.Cr0] = 0x8001_0001UL; // PG, WP, PE
        this[GuestRegister.Cr3] = TestRam.Root;
        this[GuestRegister.Cr4] = 0x20; // PAE
        this[GuestRegister.Efer] = 0xD00; // NXE, LMA, LME
        this[GuestRegister.Cs] = KernelCode;
        this[GuestRegister.Ss] = KernelData;
        this[GuestRegister.RFlags] = 0x202;
        this[GuestRegister.Rsp] = Stack;
    }

    public int Index { get; }

    internal ulong this[GuestRegister register]
    {
        get => register == GuestRegister.RFlags ? _values[register] | _apart : _values[register];
        set
        {
            _values[register] = register == GuestRegister.RFlags ? value & ~KeptApart : value;
            if (register == GuestRegister.RFlags) _apart = value & KeptApart;
        }
    }

    public ulong Read(GuestRegister register) => _values[register];

    public void Write(GuestRegister register, ulong value) => _values[register] = value;

    public ulong AddressOf(ulong offset) => (TestHost.Rip & ~0xFFFUL) | offset;

    /// <summary>All registers, to compare with later ones.</summary>
    internal Dictionary<GuestRegister, ulong> Snapshot() => new(_values);
}
