using System;

namespace FastRmp.Iommu;

/// <summary>What a device may do: IR and IW of the device table entry and of all host (v1) entries passed; with guest (v2) tables also what
/// those allow to a user.</summary>
[Flags]
public enum DmaRights : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Reads.</summary>
    Read = 1,

    /// <summary>Writes.</summary>
    Write = 2,

    /// <summary>Execution of what is read; told by guest (v2) tables only, since host tables know no such right.</summary>
    Execute = 4,
}
