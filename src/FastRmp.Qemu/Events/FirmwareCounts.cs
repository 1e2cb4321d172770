using System.Collections.Generic;
using System.Linq;
using System.Threading;
using FastRmp.Firmware;

namespace FastRmp.Qemu;

/// <summary>How often each command was given, by its status. Any threads.</summary>
internal sealed class FirmwareCounts
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(FirmwareCommand Command, FirmwareStatus Status), long> _counts = [];

    /// <summary>Counts one.</summary>
    internal void Add(FirmwareCommand command, FirmwareStatus status)
    {
        lock (_gate) _counts[(command, status)] = _counts.GetValueOrDefault((command, status)) + 1;
    }

    /// <summary>What was counted, in the order of commands and status.</summary>
    internal IReadOnlyList<KeyValuePair<(FirmwareCommand Command, FirmwareStatus Status), long>> All
    {
        get
        {
            lock (_gate) return [.. _counts.AsEnumerable()];
        }
    }
}
