using System;

namespace FastRmp.Images.Study;

/// <summary>What makes a policy split a region that its direct map still has in a large leaf.</summary>
[Flags]
internal enum MapTriggers
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>An RMPUPDATE of a 4 KiB page, before it.</summary>
    Update4K = 1,

    /// <summary>An RMPUPDATE of a 2 MiB page, before it.</summary>
    Update2M = 2,

    /// <summary>A write of the host that met an RMP fault, in the handler.</summary>
    Fault = 4,

    /// <summary>The page allocator gives the host a page of a region in which a guest owns one.</summary>
    HostAllocation = 8,

    /// <summary>The page allocator gives a guest pages that will not be one 2 MiB entry.</summary>
    GuestAllocation = 16,
}
