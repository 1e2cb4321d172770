using System.Collections.Generic;
using System.Threading;

namespace FastRmp.Qemu;

/// <summary>The interrupt descriptor tables that any processor loaded, the newest first: where handlers begin. Any threads.</summary>
internal sealed class InterruptTables
{
    private const int Most = 16;
    private readonly Lock _gate = new();
    private InterruptTable[] _tables = [];

    /// <summary>A table was loaded.</summary>
    internal void Add(InterruptTable table)
    {
        lock (_gate)
        {
            if (System.Array.Exists(_tables, table.Equals)) return;
            int kept = int.Min(_tables.Length, Most - 1);
            InterruptTable[] tables = [table, .. _tables[..kept]];
            Volatile.Write(ref _tables, tables);
        }
    }

    /// <summary>Where the gates of #UD and #PF lead, the newest table first; of tables that have both.</summary>
    /// <param name="ram">The RAM.</param>
    internal IEnumerable<(ulong Undefined, ulong PageFault)> Gates(GuestRam ram)
    {
        foreach (InterruptTable table in Volatile.Read(ref _tables))
        {
            if (table.TryGate(ram, ExceptionVector.InvalidOpcode, out InterruptGate undefined)
                && table.TryGate(ram, ExceptionVector.PageFault, out InterruptGate pageFault))
            {
                yield return (undefined.Handler, pageFault.Handler);
            }
        }
    }

    /// <summary>The table in which the gate of an exception leads to an address.</summary>
    /// <param name="ram">The RAM.</param>
    /// <param name="vector">The exception.</param>
    /// <param name="handler">The address.</param>
    /// <returns>The table, or null.</returns>
    internal InterruptTable? Leading(GuestRam ram, ExceptionVector vector, ulong handler)
    {
        foreach (InterruptTable table in Volatile.Read(ref _tables))
        {
            if (table.TryGate(ram, vector, out InterruptGate gate) && gate.Handler == handler) return table;
        }

        return null;
    }
}
