using System.Collections.Generic;
using FastRmp.Firmware;

namespace FastRmp.Judges.Firmware;

/// <summary>What a row says of the machine, before the command or after it.</summary>
internal sealed class RowState
{
    internal PlatformState? Platform { get; set; }

    internal List<EntryRun> Entries { get; } = [];

    internal List<(uint Asid, ulong Value)> Counters { get; } = [];

    internal List<AsidRun> Asids { get; } = [];

    /// <summary>Contexts by the address of their page.</summary>
    internal Dictionary<ulong, GuestContext> Contexts { get; } = [];

    /// <summary>Metadata entries by their address.</summary>
    internal Dictionary<ulong, MetadataEntry> Metadata { get; } = [];

    /// <summary>The metadata entry in the context page of the command.</summary>
    internal MetadataEntry? Root { get; set; }
}
