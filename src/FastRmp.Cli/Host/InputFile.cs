using System;
using System.IO;

namespace FastRmp.Cli.Host;

/// <summary>Looks at files before QEMU does, whose messages would name neither the option nor the reason.</summary>
internal static class InputFile
{
    /// <summary>Reads a file's beginning.</summary>
    /// <param name="path">The file.</param>
    /// <param name="head">Receives it.</param>
    /// <param name="count">How much there is.</param>
    /// <returns>Why there is nothing, a sentence without its subject; null if there is something.</returns>
    internal static string? Read(string path, Span<byte> head, out int count)
    {
        count = 0;
        if (Directory.Exists(path)) return "is a folder";
        try
        {
            using FileStream file = File.OpenRead(path);
            count = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            return count == 0 ? "is empty" : null;
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return "does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            return "may not be read by this user";
        }
        catch (IOException failure)
        {
            return $"cannot be read: {failure.Message}";
        }
    }
}
