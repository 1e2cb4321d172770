using System;
using System.Collections.Generic;
using FastRmp.Addressing;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <summary>The ranges that a line names for SNP_INIT.</summary>
internal sealed class InitRanges
{
    private readonly List<PhysicalRange> _dram = [];
    private readonly List<PhysicalRange> _fixed = [];
    private readonly List<PhysicalRange> _iommu = [];
    private PhysicalRange? _tseg;
    private PhysicalRange? _aseg;

    /// <summary>The list of SNP_INIT_EX.</summary>
    internal ReadOnlySpan<PageRangeEntry> Fixed
    {
        get
        {
            PageRangeEntry[] entries = new PageRangeEntry[_fixed.Count];
            for (int i = 0; i < entries.Length; i++)
            {
                entries[i] = new PageRangeEntry(_fixed[i].Start.Value, (uint)(_fixed[i].Length >> PageSize.Size4K.Shift()));
            }

            return entries;
        }
    }

    /// <summary>The machine that the ranges describe.</summary>
    internal FirmwareMachine Configure(FirmwareMachine machine) => machine with
    {
        Dram = [.. _dram],
        IommuBuffers = [.. _iommu],
        Tseg = _tseg ?? default,
        IsAsegEnabled = _aseg is not null,
    };

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
