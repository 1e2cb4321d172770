using System;
using System.IO;
using FastRmp.Images;

namespace FastRmp.Cli.Host;

/// <summary>Looks at the files that a machine needs, before QEMU and the plugin are looked for.</summary>
internal static class MachineFiles
{
    /// <summary>What is wrong with the first of them that is not usable, with the option that names it; null if nothing is.</summary>
    internal static string? Problem(HostOptions options)
    {
        if (KernelFile.Open(options.Kernel, out string? problem) is null) return $"--kernel: {options.Kernel} {problem}";
        if (options.Initrd is { } initrd && InputFile.Read(initrd, new byte[1], out _) is { } empty) return $"--initrd: {initrd} {empty}";
        return Trace(options.Trace) ?? Symbols(options.Symbols);
    }

    private static string? Trace(string? path)
    {
        if (path is null) return null;
        if (Directory.Exists(path)) return $"--trace: {path} is a folder";
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Directory.Exists(folder) ? null : $"--trace: there is no folder {folder}";
    }

    private static string? Symbols(string? path)
    {
        if (path is null) return null;
        try
        {
            return KernelSymbols.Open(path).AreHidden
                ? $"--symbols: {path} has no addresses: only root sees those of /proc/kallsyms"
                : null;
        }
        catch (Exception failure) when (failure is MalformedInputException or IOException or UnauthorizedAccessException)
        {
            return $"--symbols: {failure.Message}";
        }
    }
}
