using System;
using System.Globalization;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>Reads the table of a segmented RMP (RST) from an image.</summary>
internal static class RmpSegmentTable
{
    /// <summary>How far the RST lies above RMP_BASE.</summary>
    internal const ulong Offset = ContiguousGeometry.BookkeepingBytes;

    /// <summary>A processor with segments of any size, as many as the RST has: which one the image is of does not matter, hardware took
    /// the table.</summary>
    internal static ProcessorModel Processor => ProcessorModel.Turin;

    /// <summary>Reads the table.</summary>
    /// <param name="image">The image.</param>
    /// <param name="registers">RMP_BASE and RMP_CFG.</param>
    /// <param name="geometry">The geometry.</param>
    /// <param name="reason">Why there is none.</param>
    internal static bool TryRead(MemoryImage image, RmpRegisters registers, out RmpGeometry geometry, out string? reason)
    {
        geometry = default;
        ulong[] table = new ulong[SegmentedGeometry.SegmentTableEntries];
        if (registers.HasReservedBits || !registers.IsSegmented)
        {
            return RmpGeometry.TryCreate(registers, table, Processor, out geometry, out reason);
        }

        PhysicalAddress at = PhysicalAddress.Truncate(registers.RmpBase + Offset);
        Span<byte> bytes = MemoryMarshal.AsBytes(table.AsSpan());
        int count = image.Memory.Read(at, bytes);
        if (count != bytes.Length)
        {
            reason = string.Create(
                CultureInfo.InvariantCulture,
                $"the segment table at 0x{at.Value:x} is not in the image, whole ({count} of {bytes.Length} bytes)");
            return false;
        }

        if (!RmpGeometry.TryCreate(registers, table, Processor, out geometry, out reason)) return false;
        if (geometry.CoveredPages != 0) return true;
        reason = string.Create(CultureInfo.InvariantCulture, $"the segment table at 0x{at.Value:x} has no segment");
        return false;
    }
}
