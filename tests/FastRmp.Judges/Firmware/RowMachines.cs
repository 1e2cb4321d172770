using System;
using System.Collections.Generic;

namespace FastRmp.Judges.Firmware;

/// <summary>Machines for rows, one for each place of the RMP; kept from row to row.</summary>
internal sealed class RowMachines : IDisposable
{
    private const ulong UsualBase = 0x60_0000;
    private const ulong UsualEnd = 0x6F_FFFF;
    private const ulong MaxKept = 0x2000_0000;

    private readonly Dictionary<ContiguousGeometry, RowMachine> _machines = [];
    private ulong _kept;

    /// <summary>
    /// The machine that a row needs. The usual one where the row's RMP is not valid: every command is refused early then.
    /// </summary>
    internal RowMachine For(CommandRow row)
    {
        ulong first = row.Configuration?.Get("base", UsualBase) ?? UsualBase;
        ulong last = row.Configuration?.Get("end", UsualEnd) ?? UsualEnd;
        if (!PhysicalAddress.TryCreate(first, out PhysicalAddress rmpBase) || !PhysicalAddress.TryCreate(last, out PhysicalAddress rmpEnd)
            || !ContiguousGeometry.TryCreate(rmpBase, rmpEnd, out ContiguousGeometry geometry, out _))
        {
            geometry = new ContiguousGeometry(PhysicalAddress.Create(UsualBase), PhysicalAddress.Create(UsualEnd));
        }

        if (_machines.TryGetValue(geometry, out RowMachine? machine)) return machine;
        if (_kept + geometry.StorageBytes > MaxKept) Dispose();
        _kept += geometry.StorageBytes;
        return _machines[geometry] = new RowMachine(geometry);
    }

    public void Dispose()
    {
        foreach (RowMachine machine in _machines.Values) machine.Dispose();
        _machines.Clear();
        _kept = 0;
    }
}
