namespace FastRmp.Reference;

/// <summary>One event of the page allocator.</summary>
/// <param name="IsAllocation">Whether a block is allocated; otherwise it is freed.</param>
/// <param name="Pfn">The number of its first page.</param>
/// <param name="Order">The block has 2^Order pages, 0 to 30.</param>
/// <param name="Task">The name of the task, without its number.</param>
/// <param name="MigrateType">The migrate type of an allocation.</param>
public readonly record struct ReferenceTraceEvent(bool IsAllocation, ulong Pfn, int Order, string Task, int MigrateType);
