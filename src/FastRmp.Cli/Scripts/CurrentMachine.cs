using System;
using System.IO;

namespace FastRmp.Cli.Scripts;

/// <summary>The script's current machine and its configuration. Any line may choose another processor or another table.</summary>
internal sealed class CurrentMachine : IDisposable
{
    private ContiguousGeometry? _contiguous;
    private SegmentedGeometry? _segmented;
    private ProcessorModel _processor = ProcessorModel.Genoa;

    /// <summary>The machine.</summary>
    internal ScriptMachine Machine { get; private set; } = new NoTable(ProcessorModel.Genoa);

    /// <summary>Whether there is a table.</summary>
    internal bool HasTable => _contiguous is not null || _segmented is not null;

    /// <summary>Takes another processor. The geometry stays if the processor knows it; the table starts anew.</summary>
    /// <returns>Why a new table could not be made, or null. A refusal changes nothing; that no table is left is none.</returns>
    internal string? SetModel(ProcessorModel processor)
    {
        string? refusal = null;
        if (_contiguous is { } contiguous)
        {
            refusal = Install(contiguous, processor);
        }
        else if (_segmented is { } segmented
            && SegmentedGeometry.TryCreate(
                segmented.Base, segmented.SegmentShift, segmented.Segments, processor, out SegmentedGeometry same, out _))
        {
            refusal = Install(same, processor);
        }
        else
        {
            Machine.Dispose();
            Machine = new NoTable(processor);
            _segmented = null;
        }

        if (refusal is null) _processor = processor;
        return refusal;
    }

    /// <summary>Lays out a contiguous table.</summary>
    /// <returns>Why not, or null. A refusal changes nothing.</returns>
    internal string? SetContiguous(PhysicalAddress rmpBase, PhysicalAddress rmpEnd)
    {
        if (!ContiguousGeometry.TryCreate(rmpBase, rmpEnd, out ContiguousGeometry geometry, out string? refusal)) return refusal;
        refusal = Install(geometry, _processor);
        if (refusal is not null) return refusal;
        _contiguous = geometry;
        _segmented = null;
        return null;
    }

    /// <summary>Lays out a segmented table.</summary>
    /// <returns>Why not, or null. A refusal changes nothing.</returns>
    internal string? SetSegmented(PhysicalAddress rmpBase, int segmentShift, ReadOnlySpan<RmpSegment> segments)
    {
        if (!SegmentedGeometry.TryCreate(rmpBase, segmentShift, segments, _processor, out SegmentedGeometry geometry, out string? refusal))
        {
            return refusal;
        }

        refusal = Install(geometry, _processor);
        if (refusal is not null) return refusal;
        _contiguous = null;
        _segmented = geometry;
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => Machine.Dispose();

    private string? Install<TGeometry>(TGeometry geometry, ProcessorModel processor)
        where TGeometry : struct, IRmpGeometry
    {
        try
        {
            ScriptMachine<TGeometry> machine = new(geometry, processor);
            Machine.Dispose();
            Machine = machine;
            return null;
        }
        catch (IOException refusal)
        {
            return refusal.Message;
        }
    }
}
