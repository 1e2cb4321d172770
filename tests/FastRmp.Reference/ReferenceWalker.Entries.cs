namespace FastRmp.Reference;

/// <content>What the bits of one entry mean (paging 2 and 3).</content>
public sealed partial class ReferenceWalker
{
    private static bool Bit(ulong value, int bit) => ((value >> bit) & 1) != 0;

    private static ulong IndexAt(ulong address, int level) => (address >> (12 + (9 * (level - 1)))) % 512;

    private static bool IsLeaf(ulong entry, int level) => level == 1 || (level <= 3 && Bit(entry, 7));

    // paging 3.1: address bits run from the lowest one of the page size up to 51; the C-bit is not part of an address.
    private ulong AddressField(ulong entry, int lowestBit)
    {
        ulong address = 0;
        for (int bit = lowestBit; bit <= 51; bit++)
        {
            if (Bit(entry, bit) && bit != _paging.EncryptionBit) address += 1UL << bit;
        }

        return address;
    }

    // paging 3.2, rule by rule; only asked for a present entry.
    private bool IsMalformed(ulong entry, int level)
    {
        // Rule 1: physical address bits that do not exist.
        for (int bit = _paging.PhysicalWidth; bit <= 51; bit++)
        {
            if (Bit(entry, bit) && bit != _paging.EncryptionBit) return true;
        }

        // Rule 2.
        if (Bit(entry, 63) && !_paging.NoExecuteEnabled) return true;

        // Rule 3: PML5E and PML4E.
        if (level >= 4 && Bit(entry, 7)) return true;
        if (level >= 4 && Bit(entry, 8) && _paging.TopBit8Reserved) return true;

        // Rule 4.
        if (level == 3 && Bit(entry, 7) && !_paging.Has1GPages) return true;

        // Rule 5: the address bits below the page size, save the PAT bit 12.
        bool large = level is 2 or 3 && Bit(entry, 7);
        int firstAddressBit = level == 2 ? 21 : 30;
        for (int bit = 13; large && bit < firstAddressBit; bit++)
        {
            if (Bit(entry, bit)) return true;
        }

        return false;
    }
}
