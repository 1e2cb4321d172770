using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace FastRmp.Qemu;

/// <summary>A processor of QEMU's. Used in callbacks on the thread that executes it.</summary>
internal sealed unsafe class QemuProcessor : IGuestProcessor, IDeviceMemory
{
    private static readonly string[] Names =
    [
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
        "rip", "eflags", "cs", "ss", "cr0", "cr2", "cr3", "cr4", "efer", "fs_base", "gs_base",
    ];

    private const ulong TableMask = 0x000F_FFFF_FFFF_F000;
    private const int TableBytes = 4096;
    private const int Attempts = 8;
    [ThreadStatic] private static nint _currents;
    private readonly nint[] _handles;
    private readonly QemuApi.ByteArray* _bytes = QemuApi.NewBytes();

    private QemuProcessor(int index, nint[] handles, GuestCore core)
    {
        Index = index;
        _handles = handles;
        Core = core;
        Held = new HeldAnswer(this);
    }

    /// <inheritdoc/>
    public int Index { get; }

    /// <summary>What else belongs to the processor.</summary>
    internal GuestCore Core { get; }

    /// <summary>What is written before the next instruction.</summary>
    internal HeldAnswer Held { get; }

    /// <summary>Makes the processor, in the callback that announces it.</summary>
    /// <param name="core">What else belongs to it.</param>
    /// <param name="processor">The processor, or null.</param>
    /// <param name="problem">Which register QEMU does not show, or null.</param>
    internal static bool TryCreate(
        GuestCore core, [NotNullWhen(true)] out QemuProcessor? processor, [NotNullWhen(false)] out string? problem)
    {
        nint[] handles = new nint[Names.Length];
        QemuApi.RegisterList* list = QemuApi.Registers();
        for (uint i = 0; i < list->Length; i++)
        {
            int known = Array.IndexOf(Names, Marshal.PtrToStringUTF8((nint)list->Data[i].Name));
            if (known >= 0) handles[known] = list->Data[i].Handle;
        }

        int missing = Array.IndexOf(handles, 0);
        processor = missing < 0 ? new QemuProcessor(core.Index, handles, core) : null;
        problem = missing < 0 ? null : $"QEMU shows no register {Names[missing]}: is it qemu-system-x86_64?";
        return processor is not null;
    }

    /// <inheritdoc/>
    public ulong Read(GuestRegister register)
    {
        _bytes->Length = 0; // what is read is appended
        QemuApi.ReadRegister(_handles[(int)register], _bytes);
        if (_bytes->Length == sizeof(ulong)) return *(ulong*)_bytes->Data;
        ulong value = 0;
        new ReadOnlySpan<byte>(_bytes->Data, (int)uint.Min(_bytes->Length, sizeof(ulong)))
            .CopyTo(MemoryMarshal.AsBytes(new Span<ulong>(ref value)));
        return value;
    }

    /// <summary>Reads a register of the processor that the calling thread executes or translates for, whichever it is.</summary>
    internal ulong ReadCurrent(GuestRegister register)
    {
        if (_currents == 0) _currents = (nint)QemuApi.NewBytes();
        QemuApi.ByteArray* bytes = (QemuApi.ByteArray*)_currents;
        bytes->Length = 0;
        QemuApi.ReadRegister(_handles[(int)register], bytes);
        ulong value = 0;
        new ReadOnlySpan<byte>(bytes->Data, (int)uint.Min(bytes->Length, sizeof(ulong)))
            .CopyTo(MemoryMarshal.AsBytes(new Span<ulong>(ref value)));
        return value;
    }

    /// <summary>Whether the machine has the same bytes at the same places as the file of its RAM.</summary>
    /// <param name="ram">The file.</param>
    internal bool Sees(GuestRam ram)
    {
        foreach (PhysicalRange range in ram.Ranges)
        {
            QemuApi.Resize(_bytes, 0);
            if (QemuApi.ReadPhysical(range.End - sizeof(ulong), _bytes, sizeof(ulong)) != 0) return false;
        }

        ulong root = new Cr3(Read(GuestRegister.Cr3)).Value & TableMask;
        for (int attempt = 0; attempt < Attempts; attempt++) // another processor may be changing it
        {
            QemuApi.Resize(_bytes, 0);
            if (QemuApi.ReadPhysical(root, _bytes, TableBytes) != 0) return false;
            if (ram.Bytes(root, TableBytes).SequenceEqual(new ReadOnlySpan<byte>(_bytes->Data, (int)_bytes->Length))) return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public void Write(GuestRegister register, ulong value)
    {
        bool isNarrow = register is GuestRegister.RFlags or GuestRegister.Cs or GuestRegister.Ss;
        QemuApi.Resize(_bytes, isNarrow ? sizeof(uint) : (uint)sizeof(ulong));
        if (isNarrow) *(uint*)_bytes->Data = (uint)value;
        else *(ulong*)_bytes->Data = value;
        QemuApi.WriteRegister(_handles[(int)register], _bytes);
    }

    /// <inheritdoc/>
    public uint Read(ulong address)
    {
        QemuApi.Resize(_bytes, 0);
        return QemuApi.ReadPhysical(address, _bytes, sizeof(uint)) == 0 && _bytes->Length >= sizeof(uint) ? *(uint*)_bytes->Data : 0;
    }

    /// <inheritdoc/>
    public void Write(ulong address, uint value)
    {
        QemuApi.Resize(_bytes, sizeof(uint));
        *(uint*)_bytes->Data = value;
        QemuApi.WritePhysical(address, _bytes);
    }

    /// <inheritdoc/>
    public bool TryWrite(ulong address, ReadOnlySpan<byte> bytes)
    {
        QemuApi.Resize(_bytes, (uint)bytes.Length);
        bytes.CopyTo(new Span<byte>(_bytes->Data, bytes.Length));
        return QemuApi.WritePhysical(address, _bytes) == 0;
    }

    /// <inheritdoc/>
    /// <remarks>RIP is as new as the start of the translated block, and a block, which spans at most two pages, is shared by all addresses
    /// that its page is mapped at: the page comes from RIP, the offset from the translation.</remarks>
    public ulong AddressOf(ulong offset)
    {
        ulong start = Read(GuestRegister.Rip);
        ulong address = (start & ~PageSize.Size4K.OffsetMask()) | offset;
        return address < start ? address + PageSize.Size4K.Bytes() : address;
    }
}
