using System.Collections.Generic;

namespace FastRmp.Tests.Paging;

/// <summary>A view that notes what is read and what is prefetched, in order.</summary>
internal readonly struct ReadAheadView(WalkMemory memory, List<(ulong Address, bool IsHint)> notes) : IPrefetchableMemory
{
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        notes.Add((address.Value, false));
        value = memory.Read(address.Value) ?? 0;
        return memory.Holds(address.Value);
    }

    public void Prefetch(PhysicalAddress address) => notes.Add((address.Value, true));
}
