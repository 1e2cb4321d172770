using System;
using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>Entries of a processor's data TLBs.</summary>
/// <param name="Name">The generation's name.</param>
/// <param name="FirstLevel">Entries of the first level, fully associative, all sizes.</param>
/// <param name="SecondLevel">Entries of the second level: 4 KiB pages, four adjacent ones in an entry, and 2 MiB pages; 1 GiB ones as pages
/// of 2 MiB.</param>
/// <param name="Ways">Its associativity.</param>
/// <param name="Directory">Page-directory entries that walks keep.</param>
internal sealed record TlbSizes(string Name, int FirstLevel, int SecondLevel, int Ways, int Directory)
{
    /// <summary>Milan.</summary>
    internal static TlbSizes Zen3 { get; } = new("zen3", 64, 2048, 16, 64);

    /// <summary>Genoa, Bergamo.</summary>
    internal static TlbSizes Zen4 { get; } = new("zen4", 72, 3072, 24, 64);

    /// <summary>Turin.</summary>
    internal static TlbSizes Zen5 { get; } = new("zen5", 96, 4096, 16, 64);

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<TlbSizes> All { get; } = [Zen3, Zen4, Zen5];

    /// <summary>The sizes of that name; null if there are none.</summary>
    internal static TlbSizes? Find(string name) => Array.Find([.. All], one => one.Name == name);
}
