using System;
using System.Collections.Generic;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <summary>The ranges that a line names for SNP_INIT.</summary>
internal sealed class InitRanges
{
    private static readonly PhysicalRange Aseg = new(PhysicalAddress.Create(0xA_0000), 0x2_0000);

    private readonly List<PhysicalRange> _dram = [];
    private readonly List<PhysicalRange> _fixed = [];
    private readonly List<PhysicalRange> _iommu = [];
    private PhysicalRange? _tseg;
    private PhysicalRange? _aseg;

    /// <summary>Whether anything but the list is named.</summary>
    internal bool DescribesMachine => _dram.Count + _iommu.Count != 0 || _tseg is not null || _aseg is not null;

    /// <summary>The list of SNP_INIT_EX. Where the machine has no ASEG of its own, it is one more range of it.</summary>
    internal PageRangeEntry[] Listed()
    {
        List<PageRangeEntry> entries = [];
        foreach (PhysicalRange range in _fixed)
        {
            entries.Add(Entry(range));
        }

        if (_aseg is { } aseg && aseg != Aseg) entries.Add(Entry(aseg));
        return [.. entries];
    }

    /// <summary>The machine that the ranges describe.</summary>
    internal FirmwareMachine Configure(FirmwareMachine machine) => machine with
    {
        Dram = [.. _dram],
        IommuBuffers = [.. _iommu],
        Tseg = _tseg ?? default,
        ChecksTseg = false,
        IsAsegEnabled = _aseg == Aseg,
    };

    private static PageRangeEntry Entry(PhysicalRange range) =>
        new(range.Start.Value, (uint)ulong.Min(range.Length >> PageSize.Size4K.Shift(), uint.MaxValue));

    /// <summary>Whether a range has such a name.</summary>
    internal static bool IsName(ReadOnlySpan<byte> name) =>
        FieldReader.Is(name, "dram"u8) || FieldReader.Is(name, "fixed"u8) || FieldReader.Is(name, "iommu"u8)
            || FieldReader.Is(name, "tseg"u8) || FieldReader.Is(name, "aseg"u8);

    /// <summary>Adds a range.</summary>
    /// <returns>False if there is no such name, or the only range of that name is there already.</returns>
    internal bool TryAdd(ReadOnlySpan<byte> name, PhysicalRange range)
    {
        if (FieldReader.Is(name, "dram"u8))
        {
            _dram.Add(range);
            return true;
        }

        if (FieldReader.Is(name, "fixed"u8))
        {
            _fixed.Add(range);
            return true;
        }

        if (FieldReader.Is(name, "iommu"u8))
        {
            _iommu.Add(range);
            return true;
        }

        return (FieldReader.Is(name, "tseg"u8) && TrySet(ref _tseg, range)) || (FieldReader.Is(name, "aseg"u8) && TrySet(ref _aseg, range));
    }

    private static bool TrySet(ref PhysicalRange? only, PhysicalRange range)
    {
        if (only is not null) return false;
        only = range;
        return true;
    }
}
