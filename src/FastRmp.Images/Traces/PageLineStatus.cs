namespace FastRmp.Images;

/// <summary>What a line of a trace is.</summary>
internal enum PageLineStatus
{
    /// <summary>A comment, another event, or nothing.</summary>
    Other,

    /// <summary>An allocation or a release.</summary>
    Event,

    /// <summary>An event of the page allocator that neither allocates nor releases a page.</summary>
    Passed,

    /// <summary>The kernel's note that it lost events.</summary>
    Lost,

    /// <summary>Names one of the events, and the columns before it are not a header.</summary>
    BadHeader,

    /// <summary>The page frame number is missing or no number.</summary>
    BadFrame,

    /// <summary>The order is missing or no number.</summary>
    BadOrder,

    /// <summary>The migrate type of an allocation is missing or no number.</summary>
    BadMigrateType,

    /// <summary>The order is higher than any page allocator's.</summary>
    OrderTooHigh,

    /// <summary>The block does not lie below 2^52.</summary>
    BlockTooHigh,

    /// <summary>A header with nothing after it: the line was wrapped.</summary>
    Wrapped,

    /// <summary>An event as <c>perf trace</c> prints it, with the fields in brackets.</summary>
    PerfTrace,

    /// <summary>An event as babeltrace prints it from LTTng, with the fields in braces.</summary>
    Babeltrace,
}
