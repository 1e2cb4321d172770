using System;
using System.Collections.Generic;
using FastRmp.Reference;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>A machine with few places of interest: processor, geometry and choices by name.</summary>
/// <param name="Preset">The processor.</param>
/// <param name="IsSegmented">Whether the RMP is segmented.</param>
/// <param name="Choice">A name of <see cref="ChoiceCases"/>.</param>
/// <param name="IsEnabled">Whether the RMP's own pages are Firmware and firmware works.</param>
/// <param name="IsFull">Whether the table is as large as firmware wants a contiguous one and hardware a segmented one. All of a smaller one
/// is compared in a fraction of the time; SNP_INIT refuses it, if it is contiguous.</param>
internal sealed record MachinePlan(string Preset, bool IsSegmented, string Choice, bool IsEnabled, bool IsFull = true)
{
    private const ulong ContiguousBase = 0x10_0000;
    private const ulong SegmentedBase = 0x20_0000;
    private const int SegmentShift = 31;

    // The table, as small as firmware takes one, is the upper half of region 0. It covers 252 MiB.
    private const ulong ContiguousEnd = 0x1F_FFFF;
    private static readonly ulong[] ContiguousRegions = [0x0, 0x20_0000, 0x40_0000, 0xFC0_0000, 0xFA0_0000];

    // 16 KiB of bookkeeping and the entries of 8 regions.
    private const ulong SmallEnd = 0x11_3FFF;
    private static readonly ulong[] SmallRegions = [0x0, 0x20_0000, 0x40_0000, 0x100_0000, 0xE0_0000];

    // A segment covered in part, one that is said to be larger than it is, none, and one more. Where the table is and where covered
    // memory ends.
    private static readonly RmpSegment[] Segments = [new(0, 1, 0x50_0000), new(1, 5, 0x90_0000), new(3, 1, 0x8010_0000)];
    private static readonly ulong[] SegmentedRegions =
        [0x40_0000, 0x3FE0_0000, 0x8000_0000, 0x4000_0000, 0x20_0000, 0xFFE0_0000, 0x1_0000_0000, 0x1_8000_0000, 0x1_BFE0_0000];

    private static readonly ulong[] CutRegions =
        [0x40_0000, 0x4080_0000, 0x4060_0000, 0x80_0000, 0x0, 0x20_0000, 0x4000_0000, 0x40E0_0000, 0x8000_0000, 0x8060_0000];

    public ProcessorModel Processor => ChoiceCases.Processor(Preset);

    /// <summary>The addresses of regions of interest: the first three are covered, the fourth is not.</summary>
    public IReadOnlyList<ulong> Regions => (IsSegmented, IsFull) switch
    {
        (true, true) => SegmentedRegions,
        (true, false) => CutRegions,
        (false, true) => ContiguousRegions,
        _ => SmallRegions,
    };

    private ulong End => IsFull ? ContiguousEnd : SmallEnd;

    public IModels Make()
    {
        ModelChoices choices = ChoiceCases.Choices(Choice);
        if (!IsSegmented)
        {
            ContiguousGeometry contiguous = new(PhysicalAddress.Create(ContiguousBase), PhysicalAddress.Create(End));
            return new Runner<ContiguousGeometry>(contiguous, new ReferenceGeometry(ContiguousBase, End), Processor, choices, IsEnabled);
        }

        if (!IsFull)
        {
            return new Runner<SmallSegments>(
                new SmallSegments(exists: true), Plain(SmallSegments.Base, SmallSegments.Shift, SmallSegments.Segments), Processor, choices,
                IsEnabled);
        }

        SegmentedGeometry segmented = new(PhysicalAddress.Create(SegmentedBase), SegmentShift, Segments, Processor);
        return new Runner<SegmentedGeometry>(segmented, Plain(SegmentedBase, SegmentShift, Segments), Processor, choices, IsEnabled);
    }

    public override string ToString() =>
        $"{Preset}, {(IsFull ? "full" : "small")}, {(IsSegmented ? "segmented" : "contiguous")}, "
            + $"choices {Choice}, {(IsEnabled ? "enabled" : "without own pages")}";

    /// <summary>The first lines of a script that makes this machine. The tool has the default choices and always SNP enabled.</summary>
    public IEnumerable<string> Header()
    {
        yield return $"# choices: {Choice}";
        yield return $"model {Preset}";
        if (IsSegmented)
        {
            RmpSegment[] all = IsFull ? Segments : SmallSegments.Segments.ToArray();
            if (!IsFull) yield return "# no processor has segments as small as these";
            string segments = string.Join(
                ' ',
                Array.ConvertAll(
                    all, static segment => FormattableString.Invariant($"{segment.Index}:{segment.CoveredGib}:{segment.RmpBase:x}")));
            yield return FormattableString.Invariant(
                $"rmp segmented {SegmentedBase:x} {(IsFull ? SegmentShift : SmallSegments.Shift)} {segments}");
        }
        else
        {
            yield return FormattableString.Invariant($"rmp contiguous {ContiguousBase:x} {End:x}");
        }

        yield return IsEnabled ? "enable" : "enable # here without the RMP's own pages as Firmware";
    }

    private ReferenceGeometry Plain(ulong start, int shift, ReadOnlySpan<RmpSegment> segments)
    {
        ReferenceSegment[] plain = Array.ConvertAll(
            segments.ToArray(), static segment => new ReferenceSegment((ulong)segment.Index, segment.CoveredGib, segment.RmpBase));
        ReferenceProcessor any = new() { HasSegmentedRmp = true, SmallestSegmentShift = shift };
        return ReferenceGeometry.TrySegmented(any, start, (ulong)shift, plain, out string? refusal)
            ?? throw new InvalidOperationException(refusal);
    }
}
