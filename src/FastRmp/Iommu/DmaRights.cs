using System;

namespace FastRmp.Iommu;

/// <summary>What a device may do: IR and IW of the device table entry and of all page-table entries passed.</summary>
[Flags]
public enum DmaRights : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>IR: reads.</summary>
    Read = 1,

    /// <summary>IW: writes.</summary>
    Write = 2,
}
