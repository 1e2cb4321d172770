using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
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

    /// <summary>The same as firmware takes it.</summary>
    internal SnpInitParameters Parameters => new()
    {
        Dram = CollectionsMarshal.AsSpan(_dram),
        Fixed = CollectionsMarshal.AsSpan(_fixed),
        Iommu = CollectionsMarshal.AsSpan(_iommu),
        Tseg = _tseg ?? default,
        Aseg = _aseg ?? default,
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
