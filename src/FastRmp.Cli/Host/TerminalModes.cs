using System;
using System.Runtime.InteropServices;

namespace FastRmp.Cli.Host;

/// <summary>The modes of the terminal on standard input. QEMU makes it raw, and does not put it back if it is killed.</summary>
internal static partial class TerminalModes
{
    private const int Input = 0;
    private const int AfterOutput = 1; // TCSADRAIN
    private const int Bytes = 256; // a struct termios is smaller everywhere

    /// <summary>Reads them.</summary>
    /// <returns>The modes, or null if it is no terminal.</returns>
    internal static byte[]? Read()
    {
        byte[] modes = new byte[Bytes];
        return !OperatingSystem.IsWindows() && Get(Input, modes) == 0 ? modes : null;
    }

    /// <summary>Puts them back if they are others now.</summary>
    /// <param name="modes">What <see cref="Read"/> gave.</param>
    internal static void Restore(byte[]? modes)
    {
        if (modes is not null && Read() is { } now && !now.AsSpan().SequenceEqual(modes)) _ = Set(Input, AfterOutput, modes);
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Get(int file, byte[] modes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Set(int file, int when, byte[] modes);
}
