using System;
using System.IO;

namespace FastRmp.Cli.Replay;

/// <summary>Whether two names are of one file, so that no input is overwritten.</summary>
internal static class FileIdentity
{
    /// <summary>Whether two names are of one file: the same path, a link to it, or another name of it.</summary>
    /// <param name="left">A name; null for none.</param>
    /// <param name="right">Another one.</param>
    /// <returns>False, too, where one cannot be looked at.</returns>
    internal static bool AreSame(string? left, string? right)
    {
        if (string.IsNullOrEmpty(left) || string.IsNullOrEmpty(right) || left.Contains('\0') || right.Contains('\0')) return false;
        try
        {
            FileInfo one = Resolved(left);
            FileInfo other = Resolved(right);
            if (one.FullName == other.FullName) return true;

            // Pipes, which opening would wait for, have no length.
            bool areAlike = one.Exists && other.Exists && one.Length == other.Length && one.Length != 0
                && one.LastWriteTimeUtc == other.LastWriteTimeUtc;
            return areAlike && IsLockedWith(one, other);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // A relative path is resolved wrongly.
    private static FileInfo Resolved(string path)
    {
        string whole = Path.GetFullPath(path);
        try
        {
            return new FileInfo(File.ResolveLinkTarget(whole, returnFinalTarget: true)?.FullName ?? whole);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            return new FileInfo(whole);
        }
    }

    // A lock is on the file, whatever name it was opened by.
    private static bool IsLockedWith(FileInfo one, FileInfo other)
    {
        using FileStream held = one.Open(FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            using FileStream alone = other.Open(FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
