using System;
using System.Runtime.InteropServices;
using System.Text;

namespace FastRmp.Qemu;

/// <summary>Standard error, written directly: the console of the framework would set up the terminal, which is QEMU's; a stream of it would
/// write at a place of its own if it is a file; and at the end QEMU may have closed it.</summary>
internal static unsafe partial class StandardError
{
    private const int Descriptor = 2;

    /// <summary>Writes text; if it cannot be written, nobody is there to read it.</summary>
    internal static void Write(string text)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        while (!rest.IsEmpty)
        {
            nint written;
            fixed (byte* bytes = rest) written = Write(Descriptor, bytes, (nuint)rest.Length);
            if (written <= 0) return;
            rest = rest[(int)written..];
        }
    }

    [LibraryImport("libc", EntryPoint = "write")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Write(int file, byte* bytes, nuint count);
}
