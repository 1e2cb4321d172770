using System;
using System.Collections.Generic;

namespace FastRmp.Judges.Firmware;

/// <summary>Machines for rows, one for each place of the RMP; kept from row to row.</summary>
internal sealed class Stages : IDisposable
{
    private const ulong UsualBase = 0x60_0000;
    private const ulong UsualEnd = 0x6F_FFFF;
    private const ulong MaxKept = 0x2000_0000;

    private readonly Dictionary<ContiguousGeometry, Stage> _stages = [];
    private ulong _kept;

    /// <summary>The machine that a row needs. Where the row's RMP is none, the usual one: no command gets far then.</summary>
    internal Stage For(CommandRow row)
    {
        ulong first = row.Configuration?.Get("base", UsualBase) ?? UsualBase;
        ulong last = row.Configuration?.Get("end", UsualEnd) ?? UsualEnd;
        if (!PhysicalAddress.TryCreate(first, out PhysicalAddress rmpBase) || !PhysicalAddress.TryCreate(last, out PhysicalAddress rmpEnd)
            || !ContiguousGeometry.TryCreate(rmpBase, rmpEnd, out ContiguousGeometry geometry, out _))
        {
            geometry = new ContiguousGeometry(PhysicalAddress.Create(UsualBase), PhysicalAddress.Create(UsualEnd));
        }

        if (_stages.TryGetValue(geometry, out Stage? stage)) return stage;
        if (_kept + geometry.StorageBytes > MaxKept) Dispose();
        _kept += geometry.StorageBytes;
        return _stages[geometry] = new Stage(geometry);
    }

    public void Dispose()
    {
        foreach (Stage stage in _stages.Values) stage.Dispose();
        _stages.Clear();
        _kept = 0;
    }
}
