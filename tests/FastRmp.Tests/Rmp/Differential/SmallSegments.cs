using System;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>
/// A segmented RMP cut down to segments of 8 MiB, smaller than any processor's, so that all of it can be compared after each step.
/// </summary>
internal readonly struct SmallSegments : IRmpGeometry
{
    public const ulong Base = 0x20_0000;
    public const int Shift = 23;

    private const ulong SegmentBytes = 1UL << Shift;
    private const ulong SegmentPages = SegmentBytes / ModelPair.PageBytes;
    private const ulong HeaderBytes = 0x5000;
    private const ulong FirstIndex = 1024;

    // In three regions of 1 GiB, two of them side by side.
    private static readonly RmpSegment[] All =
    [
        new(0, 1, 0x50_0000), new(128, 1, 0x4010_0000), new(129, 1, 0x60_0000), new(256, 1, 0x70_0000),
    ];

    private readonly bool _exists;

    /// <param name="exists">The default value must cover nothing.</param>
    public SmallSegments(bool exists) => _exists = exists;

    public static ReadOnlySpan<RmpSegment> Segments => All;

    public ulong StorageBytes => (FirstIndex + CoveredPages) * (ulong)RmpEntry.SizeInBytes;

    public ulong CoveredPages => (ulong)CoveredRanges * SegmentPages;

    public bool IsSegmented => true;

    public int CoveredRanges => _exists ? All.Length : 0;

    public int OwnRanges => _exists ? All.Length + 1 : 0;

    public bool TryGetIndex(PhysicalAddress address, out nuint index)
    {
        index = 0;
        for (int i = 0; i < CoveredRanges; i++)
        {
            ulong offset = address.Value - ((ulong)All[i].Index << Shift);
            if (offset >= SegmentBytes) continue;
            index = (nuint)(FirstIndex + ((ulong)i * SegmentPages) + (offset / ModelPair.PageBytes));
            return true;
        }

        return false;
    }

    public PhysicalRange CoveredRange(int index) => new(PhysicalAddress.Create((ulong)All[index].Index << Shift), SegmentBytes);

    public PhysicalRange OwnRange(int index) => index == 0
        ? new PhysicalRange(PhysicalAddress.Create(Base), HeaderBytes)
        : new PhysicalRange(PhysicalAddress.Create(All[index - 1].RmpBase), SegmentPages * (ulong)RmpEntry.SizeInBytes);

    public string? FirmwareRefusal(ReadOnlySpan<PhysicalRange> dram) => FirmwareRules.Refusal(this, dram);
}
