using System;
using System.Globalization;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Rmp;

namespace FastRmp.Cli.Scripts;

/// <summary>What it costs to enable SNP: an entry is written for every page that the RMP occupies and covers.</summary>
internal static class OwnPages
{
    /// <summary>Refuses a table whose own entries would not fit into half of this machine's memory: reserved memory costs nothing, written memory does.</summary>
    /// <returns>Why, or null.</returns>
    internal static string? Refusal<TGeometry>(in TGeometry geometry)
        where TGeometry : struct, IRmpGeometry
    {
        ulong bytes = 0;
        for (int i = 0; i < geometry.OwnRanges; i++)
        {
            bytes += geometry.OwnRange(i).Length / PageSize.Size4K.Bytes() * RmpEntry.SizeInBytes;
        }

        ulong memory = (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return bytes <= memory / 2 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the entries of the RMP's own pages take 0x{bytes:x} bytes, too many for the 0x{memory:x} bytes of memory here");
    }
}
