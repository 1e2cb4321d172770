using System;
using System.Globalization;

namespace FastRmp.Cli.Scripts;

/// <summary>Whether this machine has the memory for an operation that touches many entries: reserved memory costs nothing, touched memory
/// does.</summary>
internal static class MemoryNeed
{
    /// <summary>Enabling SNP writes an entry for every page that the RMP occupies.</summary>
    /// <returns>Why not, or null.</returns>
    internal static string? OfOwnPages<TGeometry>(in TGeometry geometry)
        where TGeometry : struct, IRmpGeometry
    {
        ulong bytes = 0;
        for (int i = 0; i < geometry.OwnRanges; i++)
        {
            bytes += geometry.OwnRange(i).Length / PageSize.Size4K.Bytes() * RmpEntry.SizeInBytes;
        }

        return Refusal(bytes);
    }

    /// <summary>Some of firmware's commands touch the whole table.</summary>
    /// <returns>Why not, or null.</returns>
    internal static string? OfTable<TGeometry>(in TGeometry geometry)
        where TGeometry : struct, IRmpGeometry => Refusal(geometry.StorageBytes);

    private static string? Refusal(ulong bytes)
    {
        ulong memory = (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return bytes <= memory / 2 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"0x{bytes:x} bytes of entries would be touched, more than half of the 0x{memory:x} bytes of memory here");
    }
}
