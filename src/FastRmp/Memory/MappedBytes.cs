using System;
using System.Globalization;
using System.IO;

namespace FastRmp;

/// <summary>What Linux says about the mappings of this process: <c>/proc/self/smaps</c>.</summary>
internal static class MappedBytes
{
    private const string Path = "/proc/self/smaps";

    /// <summary>Sums up the mappings that overlap a range.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">The byte after the last one.</param>
    /// <returns>Bytes in memory, bytes of these in pages of 2 MiB, and whether the system refuses large pages there whatever was asked for;
    /// zeros if it does not say.</returns>
    internal static (ulong Resident, ulong Large, bool IsRefused) Of(ulong start, ulong end)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Path)) return default;
        return Of(File.ReadLines(Path), start, end);
    }

    /// <summary>The same, of lines in the form of that file.</summary>
    internal static (ulong Resident, ulong Large, bool IsRefused) Of(
        System.Collections.Generic.IEnumerable<string> lines, ulong start, ulong end)
    {
        ulong resident = 0;
        ulong large = 0;
        bool isRefused = false;
        bool isInside = false;
        foreach (string line in lines)
        {
            if (TryRange(line, out ulong first, out ulong last)) isInside = first < end && last > start;
            else if (!isInside) continue;
            else if (Is(line, "Rss:")) resident += Bytes(line);
            else if (Is(line, "AnonHugePages:") || Is(line, "ShmemPmdMapped:") || Is(line, "FilePmdMapped:")) large += Bytes(line);
            else if (Is(line, "THPeligible:")) isRefused |= line.AsSpan().TrimEnd().EndsWith(" 0", StringComparison.Ordinal);
        }

        return (resident, large, isRefused);
    }

    private static bool Is(string line, string name) => line.StartsWith(name, StringComparison.Ordinal);

    // 7f0000000000-7f0000200000 rw-p 00000000 00:00 0
    private static bool TryRange(string line, out ulong first, out ulong last)
    {
        first = 0;
        last = 0;
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return dash > 0 && space > dash
            && ulong.TryParse(line.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out first)
            && ulong.TryParse(
                line.AsSpan(dash + 1, space - dash - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out last);
    }

    // AnonHugePages:      2048 kB
    private static ulong Bytes(string line)
    {
        ReadOnlySpan<char> number = line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1).Trim();
        int space = number.IndexOf(' ');
        return ulong.TryParse(
            space < 0 ? number : number[..space], NumberStyles.None, CultureInfo.InvariantCulture, out ulong kibibytes)
            ? kibibytes << 10
            : 0;
    }
}
