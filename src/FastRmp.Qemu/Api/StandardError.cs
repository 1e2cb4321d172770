using System;
using System.IO;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FastRmp.Qemu;

/// <summary>Standard error, written directly: the console of the framework would set up the terminal, which is QEMU's, and at the end QEMU
/// may have closed it.</summary>
internal static class StandardError
{
    private const int Descriptor = 2;

    /// <summary>Writes text; if it cannot be written, nobody is there to read it.</summary>
    internal static void Write(string text)
    {
        try
        {
            using SafeFileHandle handle = new(Descriptor, ownsHandle: false);
            using FileStream stream = new(handle, FileAccess.Write, bufferSize: 0);
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
        }
    }
}
