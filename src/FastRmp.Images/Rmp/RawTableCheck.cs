using System;
using System.Globalization;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>Looks whether a file without any header can be an RMP, as the caller says: memory of another kind shows by bits that no entry
/// has.</summary>
internal static class RawTableCheck
{
    private const int Samples = 1024;
    private const int SampleEntries = 32;
    private const long LeastEntries = 64; // fewer decide nothing

    /// <summary>Why the file does not look like a table; null if it does.</summary>
    /// <param name="image">The file.</param>
    /// <param name="length">How many of its bytes are the table's.</param>
    internal static string? Doubt(ImageFile image, ulong length)
    {
        const int SampleBytes = SampleEntries * RmpEntry.SizeInBytes;
        Span<RmpEntry> entries = stackalloc RmpEntry[SampleEntries];
        ulong step = Math.Max(SampleBytes, length / Samples) & ~(ulong)(SampleBytes - 1);
        long used = 0;
        long strange = 0;
        for (ulong at = ContiguousGeometry.BookkeepingBytes; at < length; at += step)
        {
            int count = image.Read(at, MemoryMarshal.AsBytes(entries)) / RmpEntry.SizeInBytes;
            foreach (RmpEntry entry in entries[..count])
            {
                if (entry == default) continue;
                used++;
                if (entry.HasReservedBits) strange++;
            }
        }

        if (used < LeastEntries || strange <= used / 2) return null;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"of {used} entries that are not zero, {strange} have bits that no entry has");
    }
}
