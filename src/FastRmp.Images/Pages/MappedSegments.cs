using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>Segments of a file in memory: nothing is copied.</summary>
internal sealed unsafe class MappedSegments : PageSource
{
    private readonly PinnedBytes _bytes;
    private readonly HeldSegments _table;
    private readonly MappedRun[] _stretches;
    private readonly RunTable[] _runs;

    /// <summary>Takes segments that the reader compared with the file's length.</summary>
    internal MappedSegments(PinnedBytes bytes, HeldSegments table)
    {
        _bytes = bytes;
        _table = table;
        _stretches = GC.AllocateArray<MappedRun>(table.Stretches, pinned: true);
        _runs = GC.AllocateArray<RunTable>(1, pinned: true);
        ref RunTable runs = ref _runs[0];
        foreach (MemorySegment segment in table.Held)
        {
            MappedRun run = new()
            {
                Zero = bytes.Memory.Pointer + segment.Offset - segment.Start.Value, // Safety: used for addresses of the segment alone.
                Start = segment.Start.Value,
                Ends = segment.Length < sizeof(ulong) ? 0 : segment.Length - (sizeof(ulong) - 1),
            };
            if (run.Ends > runs.Longest.Ends) runs.Longest = run;
            // Of several in one stretch the last stands for it: below the hole in the first mebibyte there is little memory.
            ulong last = (segment.End - 1) >> table.StretchShift;
            for (ulong stretch = segment.Start.Value >> table.StretchShift; stretch <= last; stretch++)
            {
                _stretches[stretch] = run;
            }
        }

        // Safety: both arrays are pinned, and live as long as this object, which each view holds.
        runs.Stretches = (MappedRun*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_stretches));
        runs.Count = (ulong)_stretches.Length;
        runs.Shift = table.StretchShift;
        Runs = (RunTable*)Unsafe.AsPointer(ref runs);
    }

    /// <summary>The segments in order of address.</summary>
    internal ReadOnlySpan<MemorySegment> Held => _table.Held;

    internal override ImagePageStatus Locate(ulong address, out MemoryRun run)
    {
        run = default;
        int index = _table.Find(address);
        if (index < 0) return _table.StatusOf(address);
        MemorySegment segment = _table.Held[index];
        run.Origin = _bytes.Memory.Pointer + segment.Offset; // Safety: the reader checked segments against the file's length.
        run.Start = segment.Start.Value;
        run.Length = segment.Length;
        run.Version = FixedVersion.Pointer;
        return ImagePageStatus.Present;
    }

    internal override ulong NextData(ulong address) => _table.NextData(_bytes, address);

    internal override ImagePageStatus StatusOf(ulong address) => _table.StatusOf(address);

    internal override ImageByteCounts Count() => _table.Count();

    internal override bool TryNextHeld(ulong address, out ulong start, out ulong end) => _table.TryNextHeld(address, out start, out end);

    internal override bool TryNextKnown(ulong address, out ulong start, out ulong end) => _table.TryNextKnown(address, out start, out end);
}
