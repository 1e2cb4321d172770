using System;
using System.Runtime.InteropServices;

namespace FastRmp.Qemu;

/// <summary>QEMU's interface for plugins, version 7, as far as it is used, and GLib's byte arrays, which it speaks in. Found in the program
/// that loaded the plugin.</summary>
/// <remarks>QEMU include/plugins/qemu-plugin.h. What it hands out is opaque: addresses of its own.</remarks>
internal static unsafe class QemuApi
{
    /// <summary>The version: QEMU 11.1's, and the only one that it loads.</summary>
    internal const int Version = 7;

    /// <summary>The callback reads registers.</summary>
    internal const int ReadsRegisters = 1;

    /// <summary>The callback reads and writes registers, but for RIP.</summary>
    internal const int WritesRegisters = 2;

    /// <summary>The callback reads and writes registers, RIP among them.</summary>
    internal const int WritesProgramCounter = 3;

    /// <summary>The callback uses no registers.</summary>
    internal const int NoRegisters = 0;

    /// <summary>The callback is called if the entry is not the number.</summary>
    internal const int IfNotEqual = 3;

    /// <summary>Interrupts, of discontinuities.</summary>
    internal const int Interrupts = 1;

    /// <summary>Exceptions, of discontinuities.</summary>
    internal const int Exceptions = 2;

    /// <summary>Loads of an instruction.</summary>
    internal const int Loads = 1;

    /// <summary>Stores of an instruction.</summary>
    internal const int Stores = 2;

    private static readonly nint Program = NativeLibrary.GetMainProgramHandle();

    internal static readonly delegate* unmanaged<nint, nuint> InstructionsOf =
        (delegate* unmanaged<nint, nuint>)Function("qemu_plugin_tb_n_insns");

    internal static readonly delegate* unmanaged<nint, nuint, nint> Instruction =
        (delegate* unmanaged<nint, nuint, nint>)Function("qemu_plugin_tb_get_insn");

    internal static readonly delegate* unmanaged<nint, byte*, nuint, nuint> BytesOf =
        (delegate* unmanaged<nint, byte*, nuint, nuint>)Function("qemu_plugin_insn_data");

    internal static readonly delegate* unmanaged<nint, ulong> AddressOf =
        (delegate* unmanaged<nint, ulong>)Function("qemu_plugin_insn_vaddr");

    internal static readonly delegate* unmanaged<nint, byte*> PlaceOf =
        (delegate* unmanaged<nint, byte*>)Function("qemu_plugin_insn_haddr");

    internal static readonly delegate* unmanaged<nint, nint, int, nint, void> OnExecution =
        (delegate* unmanaged<nint, nint, int, nint, void>)Function("qemu_plugin_register_vcpu_insn_exec_cb");

    internal static readonly delegate* unmanaged<nint, delegate* unmanaged<uint, uint, ulong, nint, void>, int, int, nint, void> OnMemory =
        (delegate* unmanaged<nint, delegate* unmanaged<uint, uint, ulong, nint, void>, int, int, nint, void>)
        Function("qemu_plugin_register_vcpu_mem_cb");

    internal static readonly delegate* unmanaged<nint, nint, int, int, ScoreEntry, ulong, nint, void> OnExecutionIf =
        (delegate* unmanaged<nint, nint, int, int, ScoreEntry, ulong, nint, void>)
        Function("qemu_plugin_register_vcpu_insn_exec_cond_cb");

    internal static readonly delegate* unmanaged<nuint, nint> NewScores =
        (delegate* unmanaged<nuint, nint>)Function("qemu_plugin_scoreboard_new");

    internal static readonly delegate* unmanaged<ScoreEntry, uint, ulong, void> SetScore =
        (delegate* unmanaged<ScoreEntry, uint, ulong, void>)Function("qemu_plugin_u64_set");

    internal static readonly delegate* unmanaged<uint, uint> SizeShift =
        (delegate* unmanaged<uint, uint>)Function("qemu_plugin_mem_size_shift");

    // The calls for each store: they return at once, so the collector need not know of them.
    internal static readonly delegate* unmanaged[SuppressGCTransition]<uint, ulong, nint> PhysicalOf =
        (delegate* unmanaged[SuppressGCTransition]<uint, ulong, nint>)Function("qemu_plugin_get_hwaddr");

    internal static readonly delegate* unmanaged[SuppressGCTransition]<nint, byte> IsDevice =
        (delegate* unmanaged[SuppressGCTransition]<nint, byte>)Function("qemu_plugin_hwaddr_is_io");

    internal static readonly delegate* unmanaged[SuppressGCTransition]<nint, ulong> PhysicalAddressOf =
        (delegate* unmanaged[SuppressGCTransition]<nint, ulong>)Function("qemu_plugin_hwaddr_phys_addr");

    internal static readonly delegate* unmanaged[SuppressGCTransition]<nint, ByteArray*, byte> ReadRegister =
        (delegate* unmanaged[SuppressGCTransition]<nint, ByteArray*, byte>)Function("qemu_plugin_read_register");

    internal static readonly delegate* unmanaged<RegisterList*> Registers =
        (delegate* unmanaged<RegisterList*>)Function("qemu_plugin_get_registers");

    internal static readonly delegate* unmanaged<nint, ByteArray*, byte> WriteRegister =
        (delegate* unmanaged<nint, ByteArray*, byte>)Function("qemu_plugin_write_register");

    internal static readonly delegate* unmanaged<ulong, delegate* unmanaged<uint, nint, void>, nint, void> OnProcessor =
        (delegate* unmanaged<ulong, delegate* unmanaged<uint, nint, void>, nint, void>)Function("qemu_plugin_register_vcpu_init_cb");

    internal static readonly delegate* unmanaged<ulong, delegate* unmanaged<nint, nint, void>, nint, void> OnTranslation =
        (delegate* unmanaged<ulong, delegate* unmanaged<nint, nint, void>, nint, void>)Function("qemu_plugin_register_vcpu_tb_trans_cb");

    internal static readonly delegate* unmanaged<ulong, delegate* unmanaged<nint, void>, nint, void> OnExit =
        (delegate* unmanaged<ulong, delegate* unmanaged<nint, void>, nint, void>)Function("qemu_plugin_register_atexit_cb");

    internal static readonly delegate* unmanaged<ulong, int, nint, nint, void> OnDiscontinuity =
        (delegate* unmanaged<ulong, int, nint, nint, void>)Function("qemu_plugin_register_vcpu_discon_cb");

    internal static readonly delegate* unmanaged<ulong, ByteArray*, nuint, int> ReadPhysical =
        (delegate* unmanaged<ulong, ByteArray*, nuint, int>)Function("qemu_plugin_read_memory_hwaddr");

    internal static readonly delegate* unmanaged<ulong, ByteArray*, int> WritePhysical =
        (delegate* unmanaged<ulong, ByteArray*, int>)Function("qemu_plugin_write_memory_hwaddr");

    internal static readonly delegate* unmanaged<ByteArray*> NewBytes = (delegate* unmanaged<ByteArray*>)Function("g_byte_array_new");

    internal static readonly delegate* unmanaged<ByteArray*, uint, ByteArray*> Resize =
        (delegate* unmanaged<ByteArray*, uint, ByteArray*>)Function("g_byte_array_set_size");

    internal static readonly delegate* unmanaged<int, void> Leave = (delegate* unmanaged<int, void>)Function("_exit");

    /// <summary>qemu_plugin_u64: a number of each processor's, which translated code reads.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ScoreEntry
    {
        internal nint Scores;
        internal nuint Offset;
    }

    /// <summary>GLib's GByteArray.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ByteArray
    {
        internal byte* Data;
        internal uint Length;
    }

    /// <summary>GLib's GArray of <see cref="RegisterEntry"/>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct RegisterList
    {
        internal RegisterEntry* Data;
        internal uint Length;
    }

    /// <summary>qemu_plugin_reg_descriptor.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct RegisterEntry
    {
        internal nint Handle;
        internal byte* Name;
        internal byte* Feature;
        internal byte IsReadOnly;
    }

    /// <exception cref="EntryPointNotFoundException">The program is no QEMU with this version of the interface.</exception>
    private static nint Function(string name) => NativeLibrary.GetExport(Program, name);
}
