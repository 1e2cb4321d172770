namespace FastRmp.Images;

/// <summary>An RMP entry that a kernel printed.</summary>
public sealed class LoggedRmpEntry : LogFinding
{
    internal LoggedRmpEntry(LogPlace place, ulong pfn, RmpEntry entry, RmpEntryLayout layout)
        : base(place)
    {
        Pfn = pfn;
        Entry = entry;
        Layout = layout;
    }

    /// <summary>The 4 KiB page frame.</summary>
    public ulong Pfn { get; }

    /// <summary>The entry; what the layout does not have is zero.</summary>
    public RmpEntry Entry { get; }

    /// <summary>How it was printed.</summary>
    public RmpEntryLayout Layout { get; }

    /// <summary>The page's state.</summary>
    public PageState State => Entry.State;

    /// <inheritdoc/>
    public override bool IsRmpEvent => false;
}
