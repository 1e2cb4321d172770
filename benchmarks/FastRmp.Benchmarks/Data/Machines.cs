using System;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks.Data;

/// <summary>The machines that workloads run on.</summary>
internal static unsafe class Machines
{
    internal const int SegmentShift = 30;
    internal const int Segments = 4;

    /// <summary>A Genoa whose RMP covers memory from 0 on.</summary>
    internal static RmpWorkload<ContiguousGeometry> Genoa(ulong coveredBytes) =>
        new(ContiguousGeometry.Covering(default, coveredBytes), ProcessorModel.Genoa);

    /// <summary>A Turin, which has RMPREAD.</summary>
    internal static RmpWorkload<ContiguousGeometry> Turin(ulong coveredBytes) =>
        new(ContiguousGeometry.Covering(default, coveredBytes), ProcessorModel.Turin);

    /// <summary>Four segments of 1 GiB, all covered.</summary>
    /// <param name="model">A processor that has segmented RMPs.</param>
    internal static RmpWorkload<SegmentedGeometry> Segmented(ProcessorModel model) => Segmented(model, static geometry => geometry);

    /// <summary>The same, under a geometry of either kind.</summary>
    /// <typeparam name="TGeometry">The kind.</typeparam>
    /// <param name="model">A processor that has segmented RMPs.</param>
    /// <param name="make">Makes the geometry of a segmented one.</param>
    internal static RmpWorkload<TGeometry> Segmented<TGeometry>(ProcessorModel model, Func<SegmentedGeometry, TGeometry> make)
        where TGeometry : struct, IRmpGeometry
    {
        RmpSegment[] segments = new RmpSegment[Segments];
        for (int i = 0; i < segments.Length; i++)
        {
            segments[i] = new RmpSegment(i, 1, 0x10_0000 + ((ulong)i << (SegmentShift - 8)));
        }

        SegmentedGeometry geometry = new(PhysicalAddress.Create(0x4000_0000), SegmentShift, segments, model);
        RmpWorkload<TGeometry> rmp = new(make(geometry), model);
        NativeWindow* windows = (NativeWindow*)rmp.Spare;
        for (int i = 0; i < segments.Length; i++)
        {
            PhysicalRange covered = geometry.CoveredRange(i);
            _ = geometry.TryGetIndex(covered.Start, out nuint index);
            windows[i] = new NativeWindow
            {
                EndPage = covered.End >> PageSize.Size4K.Shift(),
                ToIndex = unchecked(index - covered.Start.PageNumber),
            };
        }

        rmp.NativeTable->Windows = windows;
        rmp.NativeTable->WindowCount = Segments;
        rmp.NativeTable->PageShift = (uint)(SegmentShift - PageSize.Size4K.Shift());
        return rmp;
    }
}
