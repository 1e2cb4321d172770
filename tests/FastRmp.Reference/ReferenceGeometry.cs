namespace FastRmp.Reference;

/// <summary>The contiguous table: where the entry of a page stands and which pages have one (rmp 1.1, 1.2, 1.3).</summary>
/// <remarks>Addresses are system physical ones without a C-bit.</remarks>
public sealed class ReferenceGeometry
{
    private const ulong Bookkeeping = 16 * 1024;
    private const ulong EntrySize = 16;
    private const ulong PageBytes = 4096;
    private const ulong Granularity = 8 * 1024;
    private const ulong AddressSpace = 1UL << 52;

    /// <summary>Reads the two registers as hardware does: with a granularity of 8 KiB, bits 51:13 (rmp 1.1).</summary>
    /// <param name="rmpBase">RMP_BASE, the first byte of the table.</param>
    /// <param name="rmpEnd">RMP_END, the last byte of the table.</param>
    public ReferenceGeometry(ulong rmpBase, ulong rmpEnd)
    {
        Base = rmpBase % AddressSpace / Granularity * Granularity;
        ulong behindEnd = ((rmpEnd % AddressSpace) + 1) / Granularity * Granularity;

        // Two registers without an address bit are a machine without an RMP, and so is a table without room for entries.
        bool hasEntries = behindEnd > Base + Bookkeeping;
        CoveredPages = hasEntries ? (behindEnd - Base - Bookkeeping) / EntrySize : 0;
    }

    /// <summary>The first byte of the table.</summary>
    public ulong Base { get; }

    /// <summary>How many 4 KiB pages have an entry; pages are numbered from address 0.</summary>
    public ulong CoveredPages { get; }

    /// <summary>How many bytes of memory are covered.</summary>
    public ulong CoveredBytes => CoveredPages * PageBytes;

    /// <summary>Whether a page has an entry.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>Whether it is covered.</returns>
    public bool IsCovered(ulong spa) => spa / PageBytes < CoveredPages;

    /// <summary>The address of the entry of a page; also computed for a page that is not covered.</summary>
    /// <param name="spa">Any address in the page.</param>
    /// <returns>The address of its first byte.</returns>
    public ulong EntryAddress(ulong spa) => Base + Bookkeeping + (spa / PageBytes * EntrySize);
}
