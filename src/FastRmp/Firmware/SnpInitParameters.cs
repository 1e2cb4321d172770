using System;
using FastRmp.Addressing;

namespace FastRmp.Firmware;

/// <summary>What SNP_INIT has to know of the machine. All ranges are whole 4 KiB pages; the default value is a machine that has DRAM wherever the RMP covers it.</summary>
/// <remarks>Later entries override earlier ones, in the order of the properties here; see <see cref="SevFirmware{TGeometry}.SnpInit"/>.</remarks>
public readonly ref struct SnpInitParameters
{
    /// <summary>DRAM, as firmware's own memory map has it; empty means all that the RMP covers. Ranges count one by one: the RMP has to lie inside a single one.</summary>
    public ReadOnlySpan<PhysicalRange> Dram { get; init; }

    /// <summary>SNP_INIT_EX's list: ranges to be HV_Fixed, but for the RMP's own pages.</summary>
    public ReadOnlySpan<PhysicalRange> Fixed { get; init; }

    /// <summary>TSEG, HV_Fixed; empty if it is not enabled.</summary>
    public PhysicalRange Tseg { get; init; }

    /// <summary>ASEG, HV_Fixed; empty if it is not enabled.</summary>
    public PhysicalRange Aseg { get; init; }

    /// <summary>What IOMMUs write: event logs, completion-wait stores, PPR logs. These pages become Firmware-IOMMU.</summary>
    public ReadOnlySpan<PhysicalRange> Iommu { get; init; }
}
