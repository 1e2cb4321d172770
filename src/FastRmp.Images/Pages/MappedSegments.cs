using System;

namespace FastRmp.Images;

/// <summary>Segments of a file in memory: nothing is copied.</summary>
internal sealed unsafe class MappedSegments(PinnedBytes bytes, HeldSegments table) : PageSource
{
    /// <summary>The segments in order of address.</summary>
    internal ReadOnlySpan<MemorySegment> Held => table.Held;

    internal override ImagePageStatus Locate(ulong address, out MemoryRun run)
    {
        run = default;
        int index = table.Find(address);
        if (index < 0) return table.StatusOf(address);
        MemorySegment segment = table.Held[index];
        run.Origin = bytes.Memory.Pointer + segment.Offset; // Safety: the reader checked segments against the file's length.
        run.Start = segment.Start.Value;
        run.Length = segment.Length;
        run.Version = FixedVersion.Pointer;
        return ImagePageStatus.Present;
    }

    internal override ulong NextData(ulong address) => table.NextData(bytes, address);

    internal override ImagePageStatus StatusOf(ulong address) => table.StatusOf(address);

    internal override bool TryNextHeld(ulong address, out ulong start, out ulong end) => table.TryNextHeld(address, out start, out end);

    internal override bool TryNextKnown(ulong address, out ulong start, out ulong end) => table.TryNextKnown(address, out start, out end);
}
