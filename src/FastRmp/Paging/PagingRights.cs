using System;

namespace FastRmp.Paging;

/// <summary>What a translation allows, all levels combined.</summary>
[Flags]
public enum PagingRights : byte
{
    /// <summary>Supervisor reads only.</summary>
    None = 0,

    /// <summary>Writes: R/W is set at every level.</summary>
    Write = 1,

    /// <summary>User-mode accesses: U/S is set at every level.</summary>
    User = 2,

    /// <summary>Fetches: NX is clear at every level, or EFER.NXE is 0.</summary>
    Execute = 4,
}
