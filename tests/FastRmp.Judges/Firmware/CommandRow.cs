using System.Collections.Generic;
using FastRmp.Firmware;

namespace FastRmp.Judges.Firmware;

/// <summary>A row: one command from a given situation, and what came of it.</summary>
internal sealed class CommandRow
{
    internal required string Number { get; init; }

    internal required string Command { get; init; }

    internal required NamedNumbers Parameters { get; init; }

    internal List<string> Tags { get; } = [];

    internal List<PhysicalRange> Dram { get; } = [];

    internal PhysicalRange Tseg { get; set; }

    internal bool IsAsegEnabled { get; set; }

    internal List<PageRangeEntry> Listed { get; } = [];

    internal List<PhysicalRange> IommuBuffers { get; } = [];

    /// <summary>The machine's configuration; null: as the format says.</summary>
    internal NamedNumbers? Configuration { get; set; }

    internal RowState Before { get; } = new();

    internal RowState After { get; } = new();

    internal ushort? Status { get; set; }

    internal string StatusName { get; set; } = "";
}
