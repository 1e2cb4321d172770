namespace FastRmp.DirectMap;

/// <summary>The outcome of a request to map pages by 4 KiB leaves.</summary>
public enum SplitStatus : byte
{
    /// <summary>Nothing had to change.</summary>
    Unchanged = 0,

    /// <summary>Leaves were split, or KERNEL_4K or Present of some was changed.</summary>
    Changed = 1,

    /// <summary>There are not enough free table pages (Linux: -ENOMEM); the map is as it was.</summary>
    OutOfTablePages = 2,
}
