using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace FastRmp.Fuzz;

/// <summary>Memory that ends where the next page cannot be touched: one byte too far ends the process.</summary>
/// <remarks>On systems other than Linux the bytes behind are only looked at afterwards.</remarks>
[SuppressMessage("Usage", "CA2216:Disposable types should declare finalizer", Justification = "A few of them live as long as the process.")]
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int PageBytes = 4096;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly nint _start;
    private readonly nuint _bytes;
    private readonly int _capacity;

    internal GuardedMemory(int capacity)
    {
        _capacity = (capacity + PageBytes - 1) / PageBytes * PageBytes;
        _bytes = (nuint)_capacity + (2 * PageBytes);
        if (!OperatingSystem.IsLinux())
        {
            _start = (nint)NativeMemory.AlignedAlloc(_bytes, PageBytes);
            return;
        }

        _start = Map(0, _bytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (_start == -1 || Protect(_start, PageBytes, 0) != 0 || Protect(_start + PageBytes + _capacity, PageBytes, 0) != 0)
        {
            throw new InvalidOperationException("no guarded memory");
        }
    }

    /// <summary>So many bytes, the last of them before the guard.</summary>
    internal Span<byte> Last(int length) => new((byte*)_start + PageBytes + _capacity - length, length);

    /// <summary>A copy of bytes before the guard.</summary>
    internal ReadOnlySpan<byte> Hold(ReadOnlySpan<byte> bytes)
    {
        Span<byte> held = Last(bytes.Length);
        bytes.CopyTo(held);
        return held;
    }

    public void Dispose()
    {
        if (OperatingSystem.IsLinux()) _ = Unmap(_start, _bytes);
        else NativeMemory.AlignedFree((void*)_start);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unmap(nint address, nuint length);
}
