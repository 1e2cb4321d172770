using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// No local is read before it is written; zeroing them is a tenth of what a call costs.
[module: SkipLocalsInit]

namespace FastRmp.Native;

/// <summary>Version, start, errors, and the end of handles.</summary>
internal static unsafe class General
{
    /// <summary>The version of the ABI: what FRMP_ABI_VERSION of the header is.</summary>
    internal const uint AbiVersion = 1;

    /// <summary>frmp_abi_version.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_abi_version")]
    internal static uint Version() => AbiVersion;

    /// <summary>frmp_start, the managed half of frmp_init.</summary>
    /// <param name="version">The program's version of the ABI.</param>
    /// <param name="process">Receives the place of the number that the child of a fork has to change.</param>
    [UnmanagedCallersOnly(EntryPoint = "frmp_start")]
    internal static int Init(uint version, ulong** process)
    {
        LockHolder.Begin();
        *process = LockHolder.Process;
        return version == AbiVersion
            ? (int)ErrorCode.Ok
            : LastError.Set(ErrorCode.Version, $"The header has version {version} of the ABI, the library {AbiVersion}.");
    }

    /// <summary>frmp_settle: returns when the runtime's own thread is there and has nothing to do. Only the process that started the
    /// runtime may call it: a forked child has no such thread.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_settle")]
    internal static void Settle() => GC.WaitForPendingFinalizers();

    /// <summary>frmp_last_error.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_last_error")]
    internal static nuint Text(byte* buffer, nuint size)
    {
        int room = (int)nuint.Min(size, int.MaxValue);
        return (nuint)LastError.CopyTo(buffer is null ? default : new Span<byte>(buffer, room));
    }

    /// <summary>frmp_destroy.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_destroy")]
    internal static int Destroy(ulong handle)
    {
        try
        {
            return HandleTable.Remove(handle) ? (int)ErrorCode.Ok : Refusals.Handle(handle);
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }
}
