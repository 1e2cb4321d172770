using System;
using System.Collections.Generic;

namespace FastRmp.Tests.Paging;

/// <summary>A check that answers by two rules and notes every question.</summary>
internal readonly struct RecordingCheck(
    List<(ulong Entry, bool Writes)> asked, Func<ulong, bool, bool> entries, Func<ulong, bool> accesses) : IWalkCheck
{
    public bool MayUseEntry(PhysicalAddress entry, bool writes)
    {
        asked.Add((entry.Value, writes));
        return entries(entry.Value, writes);
    }

    public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind) => accesses(address.Value);
}
