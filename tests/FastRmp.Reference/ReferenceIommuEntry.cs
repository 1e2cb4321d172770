namespace FastRmp.Reference;

/// <summary>One entry of a v1 I/O page table as a record of plain fields (AMD-Vi 3.1 to 3.3).</summary>
public sealed record ReferenceIommuEntry
{
    private const ulong LargestVariablePage = 1UL << 51;

    /// <summary>PR, bit 0.</summary>
    public bool Present { get; init; }

    /// <summary>A, bit 5.</summary>
    public bool Accessed { get; init; }

    /// <summary>D, bit 6.</summary>
    public bool Dirty { get; init; }

    /// <summary>NextLevel, bits 11:9: 0 a page of the default size, 1 to 6 a table, 7 a page whose size the address tells.</summary>
    public int NextLevel { get; init; }

    /// <summary>Bits 51:12 as a byte address, size code included.</summary>
    public ulong Address { get; init; }

    /// <summary>U, bit 59.</summary>
    public bool UserAttribute { get; init; }

    /// <summary>FC, bit 60.</summary>
    public bool ForceCoherent { get; init; }

    /// <summary>IR, bit 61.</summary>
    public bool CanRead { get; init; }

    /// <summary>IW, bit 62.</summary>
    public bool CanWrite { get; init; }

    /// <summary>A bit set that must be zero: 58:52, and in an entry that points to a table also 59 and 60. Taught by VirtualBox's reading
    /// of the specification; the model had ignored them.</summary>
    public bool HasReservedBit { get; init; }

    /// <summary>Reads an entry.</summary>
    /// <param name="value">The quadword.</param>
    /// <returns>The record.</returns>
    public static ReferenceIommuEntry FromRaw(ulong value) => new()
    {
        Present = Bit(value, 0),
        Accessed = Bit(value, 5),
        Dirty = Bit(value, 6),
        NextLevel = (int)((value >> 9) % 8),
        Address = (value >> 12) % (1UL << 40) * 4096,
        UserAttribute = Bit(value, 59),
        ForceCoherent = Bit(value, 60),
        CanRead = Bit(value, 61),
        CanWrite = Bit(value, 62),
        HasReservedBit = (value >> 52) % 128 != 0 || ((value >> 9) % 8 is >= 1 and <= 6 && (Bit(value, 59) || Bit(value, 60))),
    };

    /// <summary>The size of a page that one entry of a level maps without a size code.</summary>
    /// <param name="level">1 to 6.</param>
    /// <returns>Bytes.</returns>
    public static ulong DefaultSize(int level) => 1UL << (12 + (9 * (level - 1)));

    /// <summary>The size that the run of ones at the low end of the address stands for (AMD-Vi 3.3).</summary>
    /// <returns>Bytes, 8 KiB or more; null if no zero closes the run.</returns>
    public ulong? CodedSize()
    {
        for (int bit = 12; bit <= 51; bit++)
        {
            if (!Bit(Address, bit)) return 1UL << (bit + 1);
        }

        return null;
    }

    /// <summary>The size of the page that this entry maps in a table of some level.</summary>
    /// <param name="level">1 to 6.</param>
    /// <returns>Bytes; null if the entry is not a page there: it points to a table, or no such page exists.</returns>
    public ulong? PageSizeAt(int level)
    {
        // AMD-Vi 3.2: 512 GiB is not usable, level 6 has no leaf.
        if (NextLevel == 0) return level is 4 or 6 ? null : DefaultSize(level);
        if (NextLevel != 7 || level == 6) return null;
        ulong? size = CodedSize();
        bool fits = size > DefaultSize(level) && size < DefaultSize(level + 1) && size <= LargestVariablePage;
        return fits ? size : null;
    }

    /// <summary>Where a page of a size starts.</summary>
    /// <param name="size">Bytes.</param>
    /// <returns>The address, aligned to the size.</returns>
    public ulong PageBase(ulong size) => Address - (Address % size);

    private static bool Bit(ulong value, int bit) => ((value >> bit) & 1) != 0;
}
