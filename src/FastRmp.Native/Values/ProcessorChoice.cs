using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_processor: a preset, and what differs from it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ProcessorChoice
{
    private const uint FeaturesFlag = 1;
    private const uint SegmentsFlag = 2;
    private const uint Intel = 4; // behind the presets that have an RMP
    private const uint NarrowestWidth = 36;
    private const uint WidestWidth = 52;

    /// <summary>The generation: milan, genoa, turin, venice, intel.</summary>
    internal uint Preset { get; init; }

    /// <summary>Which of the CPUID values count.</summary>
    internal uint Flags { get; init; }

    /// <summary>CPUID Fn8000_001F EAX.</summary>
    internal uint Features { get; init; }

    /// <summary>CPUID Fn8000_001F ECX.</summary>
    internal uint Asids { get; init; }

    /// <summary>CPUID Fn8000_0025 EAX.</summary>
    internal uint SegmentSizes { get; init; }

    /// <summary>CPUID Fn8000_0025 EBX.</summary>
    internal uint SegmentLimits { get; init; }

    /// <summary>Bits of a physical address, 36 to 52, or 0 for the preset's.</summary>
    internal uint PhysicalAddressWidth { get; init; }

    /// <summary>Zero.</summary>
    internal uint Reserved { get; init; }

    /// <summary>Makes the processor.</summary>
    /// <param name="choices">The open points.</param>
    /// <param name="model">The processor.</param>
    /// <returns>False if something means nothing.</returns>
    internal bool TryDecode(ModelChoices choices, out ProcessorModel model)
    {
        model = ProcessorModel.Genoa;
        if (Preset > Intel || (Flags & ~(FeaturesFlag | SegmentsFlag)) != 0 || Reserved != 0) return false;
        if (PhysicalAddressWidth is not (0 or >= NarrowestWidth and <= WidestWidth)) return false;
        model = Preset == Intel ? ProcessorModel.Intel : ProcessorModel.Presets[(int)Preset];
        if ((Flags & FeaturesFlag) != 0) model = model.WithFeatures(Features, Asids);
        if ((Flags & SegmentsFlag) != 0) model = model.WithSegmentation(SegmentSizes, SegmentLimits, choices);
        if (PhysicalAddressWidth != 0) model = model with { PhysicalAddressWidth = (int)PhysicalAddressWidth };
        return true;
    }
}
