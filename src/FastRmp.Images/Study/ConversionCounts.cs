using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>What the guests of a conversion model did.</summary>
internal sealed class ConversionCounts
{
    /// <summary>Conversions of running guests to shared, and back.</summary>
    internal long ToShared { get; set; }

    internal long ToPrivate { get; set; }

    /// <summary>Blocks that were accepted.</summary>
    internal long Accepted { get; set; }

    /// <summary>Pages that became a bounce buffer.</summary>
    internal long SwiotlbPages { get; set; }

    /// <summary>Blocks that a balloon gave back.</summary>
    internal long Balloons { get; set; }

    /// <summary>Entries smashed on acceptance.</summary>
    internal long Smashes { get; set; }

    /// <summary>VMSA pages.</summary>
    internal long Vmsas { get; set; }

    /// <summary>Host writes by class, in pages.</summary>
    internal SortedDictionary<string, long> Writes { get; } = new(System.StringComparer.Ordinal);

    /// <summary>Counts writes.</summary>
    internal void Wrote(string kind, ulong pages) => Writes[kind] = Writes.GetValueOrDefault(kind) + (long)pages;
}
