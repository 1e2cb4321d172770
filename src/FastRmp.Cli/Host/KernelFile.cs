using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace FastRmp.Cli.Host;

/// <summary>A kernel as QEMU boots it, a bzImage, and what belongs to it.</summary>
/// <remarks>Source: Linux Documentation/arch/x86/boot.rst.</remarks>
internal sealed class KernelFile
{
    private const int HeadBytes = 0x8000;
    private const int Signature = 0x1FE;
    private const ushort BootSector = 0xAA55;
    private const int Magic = 0x202;
    private const int VersionPointer = 0x20E;
    private const int PointerOrigin = 0x200;
    private const int LeastBytes = 0x268;
    private const int LongestRelease = 128;
    private const string Modules = "lib/modules";

    private KernelFile(string path, string? release)
    {
        Path = path;
        Release = release;
    }

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>The release, as <c>uname -r</c> prints it; null if the file does not say.</summary>
    internal string? Release { get; }

    /// <summary>The release, if it is known, for messages.</summary>
    internal string Name => Release ?? "it";

    /// <summary>Looks at a file's beginning.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">Why it is no kernel, a sentence without its subject, or null.</param>
    /// <returns>The kernel, or null.</returns>
    internal static KernelFile? Open(string path, out string? problem)
    {
        byte[] head = new byte[HeadBytes];
        problem = InputFile.Read(path, head, out int count);
        if (problem is not null) return null;
        ReadOnlySpan<byte> bytes = head.AsSpan(0, count);
        if (bytes.StartsWith("\u007FELF"u8))
        {
            problem = "is an ELF file, such as vmlinux, and no bzImage: arch/x86/boot/bzImage of the build is one";
            return null;
        }

        bool isKernel = count >= LeastBytes && BinaryPrimitives.ReadUInt16LittleEndian(bytes[Signature..]) == BootSector
            && bytes[Magic..].StartsWith("HdrS"u8);
        if (!isKernel)
        {
            problem = "is no kernel: it has not the header of a bzImage";
            return null;
        }

        return new KernelFile(path, ReleaseIn(bytes));
    }

    /// <summary>The newest kernel in a folder that can be read.</summary>
    /// <param name="folder">The folder, such as /boot.</param>
    /// <returns>Its path, or null.</returns>
    internal static string? Newest(string folder)
    {
        if (!Directory.Exists(folder)) return null;
        return Directory.EnumerateFiles(folder, "vmlinuz-*")
            .Where(static file => Open(file, out _) is not null)
            .OrderByDescending(File.GetLastWriteTimeUtc).ThenByDescending(static file => file, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    /// <summary>The files of some modules, where the kernel was installed or unpacked.</summary>
    /// <param name="names">Their names.</param>
    /// <returns>One file each; none at all if one is missing.</returns>
    internal IReadOnlyList<string> FindModules(params ReadOnlySpan<string> names)
    {
        if (Folder(Modules) is not { } folder) return [];
        List<string> files = [];
        foreach (string name in names)
        {
            string? file = Directory.EnumerateFiles(folder, $"{name}.ko*", SearchOption.AllDirectories)
                .OrderBy(static path => path, StringComparer.Ordinal).FirstOrDefault();
            if (file is null) return [];
            files.Add(file);
        }

        return files;
    }

    /// <summary>The headers of the kernel as Debian has them: a folder with what all builds share beside it.</summary>
    internal string? FindHeaders() => Release is null ? null : Above($"usr/src/linux-headers-{Release}");

    /// <summary>The folder in which modules are built by the kernel's own rules.</summary>
    internal string? FindBuild() => Folder(Modules) is { } folder && File.Exists(System.IO.Path.Combine(folder, "build", "Makefile"))
        ? System.IO.Path.Combine(folder, "build")
        : null;

    private string? Folder(string name) => Release is null ? null : Above($"usr/{name}/{Release}") ?? Above($"{name}/{Release}");

    /// <summary>A folder below one of those that the kernel is in.</summary>
    private string? Above(string name)
    {
        for (DirectoryInfo? at = new FileInfo(Path).Directory; at is not null; at = at.Parent)
        {
            string folder = System.IO.Path.Combine(at.FullName, name);
            if (Directory.Exists(folder)) return folder;
        }

        return null;
    }

    private static string? ReleaseIn(ReadOnlySpan<byte> bytes)
    {
        int pointer = BinaryPrimitives.ReadUInt16LittleEndian(bytes[VersionPointer..]);
        if (pointer == 0 || PointerOrigin + pointer >= bytes.Length) return null;
        ReadOnlySpan<byte> text = bytes[(PointerOrigin + pointer)..];
        int end = text.IndexOfAny((byte)' ', (byte)0);
        if (end is <= 0 or > LongestRelease) return null;
        string release = Encoding.ASCII.GetString(text[..end]);
        bool isName = release[0] != '.'
            && release.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '+' or '_' or '~');
        return isName ? release : null;
    }
}
