using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>Rejoining (direct map 6.2). Who may call it and when is the host's affair.</content>
public sealed partial class ReferenceDirectMap
{
    /// <summary>Restores the 2 MiB leaf of a region, and then the 1 GiB leaf if that was the last one missing.</summary>
    /// <param name="address">Any physical address in the region.</param>
    /// <returns>Whether the region was joined.</returns>
    public bool Rejoin(ulong address) => RejoinBatch([address]) == 1;

    /// <summary>Rejoins several regions with a single flush (direct map 6.2, "in batches").</summary>
    /// <param name="addresses">Any physical address in each of the regions.</param>
    /// <returns>The number of regions joined.</returns>
    public int RejoinBatch(IEnumerable<ulong> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        int joined = 0;
        foreach (ulong address in addresses)
        {
            ulong region = address / Bytes2M * Bytes2M;
            ulong gigabyte = address / Bytes1G * Bytes1G;

            // Merging only restores: the region was one leaf, or a part of one, when the map was built.
            bool wasLarge = _built2M.Contains(region) || _built1G.Contains(gigabyte);
            if (!wasLarge || !TryJoin(region, ReferencePageSize.Size4K)) continue;
            joined++;
            Rejoins2M++;
            if (_built1G.Contains(gigabyte) && TryJoin(gigabyte, ReferencePageSize.Size2M)) Rejoins1G++;
        }

        // direct map 2.3: 2M to 1G shares the flush of 4K to 2M.
        if (joined != 0) GlobalFlushes++;
        return joined;
    }

    // All 512 leaves are there with the same size and flags. By 6.2 point 4 A and D become set, G is that of any that has it, and
    // a KERNEL_4K mark is dropped if the split before an RMPUPDATE set it, and forbids the join otherwise. Linux (6.1) takes A, D
    // and G into its comparison, and no mark.
    private bool TryJoin(ulong start, ReferencePageSize from)
    {
        List<ReferenceLeaf> parts = [];
        for (ulong i = 0; i < EntriesPerTable; i++)
        {
            ulong address = start + (i * BytesOf(from));
            if (!_leaves.TryGetValue(address, out ReferenceLeaf? part)) return false;
            if (part.Size != from || part.Mark == ReferenceMark.Other || part.Zapped) return false;
            parts.Add(part);
            if (part.Attributes != parts[0].Attributes) return false;
            if (!Choices.RejoinAsLinux) continue;
            if (part.Mark != ReferenceMark.None) return false;
            if (part.Accessed != parts[0].Accessed || part.Dirty != parts[0].Dirty || part.Global != parts[0].Global) return false;
        }

        foreach (ReferenceLeaf part in parts) Remove(part);
        ReferenceLeaf joined = parts[0] with { Size = from + 1, Mark = ReferenceMark.None };
        Add(
            Choices.RejoinAsLinux
                ? joined
                : joined with { Accessed = true, Dirty = true, Global = parts.Exists(static part => part.Global) });
        if (FreeTablePages is not null) FreeTablePages++;
        return true;
    }
}
