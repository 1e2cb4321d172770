using System;
using System.Runtime.InteropServices;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <content>The state of both: entries, counters by ASID, and the bits of RMPOPT.</content>
internal partial class ModelPair<TGeometry>
{
    private readonly ReferenceRawEntry[] _expected = new ReferenceRawEntry[512];

    /// <summary>The 16 bytes of one entry in both models.</summary>
    public void CompareEntry(ulong page)
    {
        RmpEntry entry = Table.Region(PhysicalAddress.Create(page))[(int)(page % ModelPair.RegionBytes / ModelPair.PageBytes)];
        ReferenceRawEntry expected = Reference.ReadRaw(page);
        if (entry.Low != expected.Low || entry.High != expected.High) Differ(page, entry, expected);
    }

    /// <summary>The 512 entries of a region.</summary>
    /// <param name="region">Its number, counted from address 0.</param>
    public void CompareRegion(ulong region)
    {
        ulong start = region * ModelPair.RegionBytes;
        ReadOnlySpan<RmpEntry> entries = Table.Region(PhysicalAddress.Create(start));
        Reference.ReadRegion(start, _expected);
        for (int i = 0; i < entries.Length; i++)
        {
            ref readonly ReferenceRawEntry expected = ref _expected[i];
            if (entries[i].Low != expected.Low || entries[i].High != expected.High)
            {
                Differ(start + ((ulong)i * ModelPair.PageBytes), entries[i], expected);
            }
        }
    }

    /// <summary>The counter of one ASID.</summary>
    public void CompareCounter(uint asid)
    {
        ulong pages = Table.AssignedPages(asid);
        if (pages != (ulong)Reference.Counter(asid)) Assert.Fail($"counter of ASID {asid}: {pages}, expected {Reference.Counter(asid)}");
    }

    /// <summary>What RMPOPT reports of the 1 GiB region around an address, on every core.</summary>
    public void CompareOptimization(ulong address)
    {
        for (int core = 0; core < _cores.Count; core++)
        {
            Opt(ExecutionState.Host, core, address, verify: false);
        }
    }

    /// <summary>Every entry, every counter and every bit of RMPOPT.</summary>
    public void CompareAll()
    {
        for (int i = 0; i < Geometry.CoveredRanges; i++)
        {
            PhysicalRange range = Geometry.CoveredRange(i);
            for (ulong start = range.Start.Value; start < range.End; start += ModelPair.RegionBytes)
            {
                // Untouched regions are zero in both: below, every entry that is not zero in the reference is looked at, too.
                bool isZero = MemoryMarshal.Cast<RmpEntry, ulong>(Table.Region(PhysicalAddress.Create(start))).IndexOfAnyExcept(0UL) < 0;
                if (!isZero) CompareRegion(start / ModelPair.RegionBytes);
                if (_cores.Count > 0 && start % (1UL << 30) == 0) CompareOptimization(start);
            }
        }

        foreach (ReferenceRawEntry expected in Reference.NonZeroEntries())
        {
            RmpEntry entry = Raw(expected.Spa);
            if (entry.Low != expected.Low || entry.High != expected.High) Differ(expected.Spa, entry, expected);
        }

        for (uint asid = 0; asid < 2048; asid++)
        {
            CompareCounter(asid);
        }
    }

    private static void Differ(ulong page, RmpEntry entry, ReferenceRawEntry expected) =>
        Assert.Fail($"entry of 0x{page:x}: 0x{entry.Low:x16} 0x{entry.High:x}, expected 0x{expected.Low:x16} 0x{expected.High:x}");
}
