namespace FastRmp.Reference;

/// <summary>What became of a write by the host's kernel through its direct map.</summary>
public enum ReferenceWriteOutcome
{
    /// <summary>Done without a fault.</summary>
    Done = 0,

    /// <summary>An RMP violation; the handler split the mapping and the repeated write was done.</summary>
    Handled = 1,

    /// <summary>An RMP violation that nothing can cure; the write was dropped.</summary>
    Fatal = 2,

    /// <summary>The direct map has no such page: an ordinary page fault, no RMP violation.</summary>
    NotMapped = 3,
}
