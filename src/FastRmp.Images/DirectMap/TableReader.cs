namespace FastRmp.Images;

/// <summary>Translates single addresses for the finder: no rights, no reserved bits, the C-bit stripped.</summary>
internal static class TableReader
{
    internal static bool TryTranslate<TMemory>(
        scoped ref TMemory memory, in DirectMapLocation tables, VirtualAddress address, out PhysicalAddress physical)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        ulong addressMask = PagingEntry.AddressMask & ~tables.EncryptionMask;
        ulong table = tables.Root.Value & addressMask;
        physical = default;
        for (PagingLevel level = tables.Mode.TopLevel(); ; level--)
        {
            PhysicalAddress at = PhysicalAddress.Truncate(table + (address.GetIndex(level) * (ulong)PagingEntry.SizeInBytes));
            if (!memory.TryRead(at, out ulong entry) || (entry & PagingEntry.PresentMask) == 0) return false;
            bool isLeaf = level == PagingLevel.PageTable
                || (level <= PagingLevel.PageDirectoryPointer && (entry & PagingEntry.LargePageMask) != 0);
            if (isLeaf)
            {
                PageSize size = level.LeafSize();
                physical = PhysicalAddress.Truncate((entry & addressMask & ~size.OffsetMask()) + address.Offset(size));
                return true;
            }

            table = entry & addressMask;
        }
    }

    /// <summary>Reads a quadword at a virtual address that is a multiple of 8.</summary>
    internal static bool TryRead<TMemory>(scoped ref TMemory memory, in DirectMapLocation tables, VirtualAddress address, out ulong value)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        value = 0;
        const ulong Misalignment = sizeof(ulong) - 1;
        return (address.Value & Misalignment) == 0 && TryTranslate(ref memory, tables, address, out PhysicalAddress physical)
            && memory.TryRead(physical, out value);
    }
}
