using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace FastRmp.Qemu;

/// <summary>What the BIOS of an SNP machine does before the kernel: it sets memory for the RMP aside, writes the registers and, for a
/// segmented RMP, the segment table.</summary>
internal static class BiosSetup
{
    private const ulong Mebibyte = 1UL << 20;
    private const ulong BytesOfGib = 4 * Mebibyte;

    /// <summary>The registers for a placement.</summary>
    /// <param name="placement">The memory set aside.</param>
    /// <param name="ram">The machine's RAM; a segment table is written into it.</param>
    /// <param name="processor">The generation.</param>
    /// <param name="registers">The registers.</param>
    /// <param name="problem">Why not, or null.</param>
    internal static bool TrySetUp(
        RmpPlacement placement, GuestRam ram, ProcessorModel processor, out RmpRegisters registers,
        [NotNullWhen(false)] out string? problem)
    {
        registers = new RmpRegisters(placement.First, placement.Last, 0);
        problem = ram.TryLocate(placement.First, placement.Last - placement.First + 1, out _)
            ? null
            : $"0x{placement.First:x}-0x{placement.Last:x} is not RAM of the machine, which ends at 0x{ram.End - 1:x}";
        if (problem is not null) return false;
        return placement.IsSegmented
            ? TrySegment(placement, ram, processor, out registers, out problem)
            : registers.TryGetContiguous(out _, out problem);
    }

    /// <summary>One segment after the other from the mebibyte behind the segment table on, each with entries for the whole GiB that RAM
    /// reaches into.</summary>
    private static bool TrySegment(
        RmpPlacement placement, GuestRam ram, ProcessorModel processor, out RmpRegisters registers,
        [NotNullWhen(false)] out string? problem)
    {
        registers = default;
        List<RmpSegment> segments = [];
        ulong place = placement.First + Mebibyte;
        int shift = placement.SegmentShift;
        problem = shift < processor.MinSegmentShift || shift > processor.MaxSegmentShift
            ? $"segments of 2^{shift} bytes: a {processor.Name} has 2^{processor.MinSegmentShift} to 2^{processor.MaxSegmentShift}"
            : null;
        if (problem is not null) return false;
        for (int index = 0; ((ulong)index << shift) < ram.End; index++)
        {
            ulong rest = ulong.Min(ram.End - ((ulong)index << shift), 1UL << shift);
            ulong gib = (rest + PageSize.Size1G.OffsetMask()) >> PageSize.Size1G.Shift();
            segments.Add(new RmpSegment(index, gib, place));
            place += gib * BytesOfGib;
        }

        if (place > placement.Last + 1)
        {
            problem = $"0x{placement.First:x}-0x{placement.Last:x} is too small for the RMP's segments, which end at 0x{place - 1:x}";
            return false;
        }

        if (!SegmentedGeometry.TryCreate(
            PhysicalAddress.Create(placement.First), shift, CollectionsMarshal.AsSpan(segments), processor,
            out SegmentedGeometry geometry, out problem))
        {
            return false;
        }

        geometry.CopySegmentTable(SegmentTable(ram, placement.First));
        registers = RmpRegisters.Of(geometry);
        return true;
    }

    /// <summary>The segment table in RAM, behind the bookkeeping; empty if it is not RAM.</summary>
    internal static Span<ulong> SegmentTable(GuestRam ram, ulong rmpBase) => MemoryMarshal.Cast<byte, ulong>(ram.Bytes(
        rmpBase + ContiguousGeometry.BookkeepingBytes, (int)(SegmentedGeometry.HeaderBytes - ContiguousGeometry.BookkeepingBytes)));
}
