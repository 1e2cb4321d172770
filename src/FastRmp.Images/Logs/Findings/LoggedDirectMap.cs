namespace FastRmp.Images;

/// <summary>How the kernel's direct map is mapped, by its counters: lines of <c>/proc/meminfo</c> and <c>/proc/vmstat</c>.</summary>
public sealed class LoggedDirectMap : LogFinding
{
    internal LoggedDirectMap(LogPlace place)
        : base(place)
    {
    }

    /// <summary>DirectMap4k in kB; null if it is not printed.</summary>
    public long? Kilobytes4K { get; internal set; }

    /// <summary>DirectMap2M in kB; null if it is not printed.</summary>
    public long? Kilobytes2M { get; internal set; }

    /// <summary>DirectMap1G in kB; null if it is not printed.</summary>
    public long? Kilobytes1G { get; internal set; }

    /// <summary>Splits of 2 MiB mappings; null if they are not printed.</summary>
    public long? Splits2M { get; internal set; }

    /// <summary>Splits of 1 GiB mappings; null if they are not printed.</summary>
    public long? Splits1G { get; internal set; }

    /// <summary>Joins to 2 MiB mappings; null if they are not printed.</summary>
    public long? Joins2M { get; internal set; }

    /// <summary>Joins to 1 GiB mappings; null if they are not printed.</summary>
    public long? Joins1G { get; internal set; }

    /// <inheritdoc/>
    public override bool IsRmpEvent => false;
}
