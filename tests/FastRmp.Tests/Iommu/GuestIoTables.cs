using System;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;

namespace FastRmp.Tests.Iommu;

/// <summary>
/// A device table, GCR3 tables, guest tables and, if asked for, host tables below them; bits are set by number, not by the library's
/// layouts.
/// </summary>
/// <remarks>
/// Pages: the device table, three of GCR3, eight of guest tables, three of host tables (levels 1 to 3), some for data. Without host tables
/// entries hold system physical addresses; with them page p of the guest physical space is at what entry p of the host's level-1 table
/// says.
/// </remarks>
internal sealed class GuestIoTables
{
    internal const int Pages = 20;

    private const ulong Start = IoTables.Start;
    private const int FirstGuest = 4;
    private const int FirstHost = 12;
    private const ulong Address = 0x000F_FFFF_FFFF_F000UL;

    private readonly bool _isNested;

    internal GuestIoTables(bool isNested)
    {
        _isNested = isNested;
        Memory = new WalkMemory(Start, Pages);
    }

    internal WalkMemory Memory { get; }

    internal WalkView View => new(Memory);

    internal IommuState Iommu { get; set; } = new(Start);

    internal static ulong PageAt(int page) => Start + ((ulong)page * 0x1000);

    /// <summary>
    /// A page's address as guest tables hold it: with host tables its number, which they map to itself if nothing else is said.
    /// </summary>
    internal ulong Pointer(int page) => _isNested ? (ulong)page << 12 : PageAt(page);

    /// <summary>Writes a device's entry; the GCR3 root is page 1.</summary>
    internal void Device(
        int id, int mode, int glx, ulong gcr3Root, bool isFiveLevel = false, bool giov = false, ulong flags = IoTables.AllRights | 3,
        ushort domain = 7)
    {
        ulong at = Start + (32UL * (ulong)id);
        ulong root = mode == 0 ? 0 : PageAt(FirstHost + mode - 1);
        Memory[at] = flags | ((ulong)mode << 9) | root | (1UL << 55) | ((ulong)glx << 56) | (giov ? 1UL << 54 : 0)
            | ((gcr3Root >> 12 & 7) << 58);
        Memory[at + 8] = domain | ((gcr3Root >> 15 & 0xFFFF) << 16) | ((gcr3Root >> 31) << 43);
        Memory[at + 16] = isFiveLevel ? 1UL << 54 : 0;
    }

    /// <summary>
    /// Fills all tables: host tables that map most pages to pages of here, GCR3 and guest tables with entries of all kinds.
    /// </summary>
    internal void Scramble(Random random)
    {
        for (int page = 1; page < Pages; page++)
        {
            for (int index = 0; index < 512; index++)
            {
                Memory[PageAt(page) + (8UL * (ulong)index)] = page < FirstGuest ? Gcr3(random) : page < FirstHost ? Guest(random) : 0;
            }
        }

        if (_isNested) HostTables(random);
    }

    /// <summary>Host tables that map each guest page below 512 somewhere, mostly into these pages.</summary>
    internal void HostTables(Random random)
    {
        for (int index = 0; index < 512; index++)
        {
            DmaRights rights = random.Next(12) == 0 ? (DmaRights)random.Next(4) : DmaRights.Read | DmaRights.Write;
            ulong target = index < Pages && random.Next(4) != 0 ? PageAt(index) : PageAt(random.Next(1, Pages));
            ulong entry = IoTables.Leaf(target, 12, rights);
            if (random.Next(20) == 0) entry ^= 1UL << random.Next(12); // not present, or a table, or a size
            if (random.Next(40) == 0) entry |= 1UL << random.Next(52, 59);
            if (random.Next(30) == 0) entry = IoTables.Leaf(0x10_0000UL << random.Next(8), 20, rights);
            Memory[PageAt(FirstHost) + (8UL * (ulong)index)] = entry;
            bool isPage = index != 0 && random.Next(3) == 0;
            Memory[PageAt(FirstHost + 1)
                + (8UL * (ulong)index)] = index == 0 || random.Next(3) == 0 ? PageAt(FirstHost) | (1UL << 9) | IoTables.AllRights | 1
                : isPage ? IoTables.Leaf((ulong)random.Next(1 << 10) << 21, 21, rights) : 0;
            Memory[PageAt(FirstHost + 2)
                + (8UL * (ulong)index)] = index == 0 || random.Next(3) == 0 ? PageAt(FirstHost + 1) | (2UL << 9) | IoTables.AllRights | 1
                : isPage ? IoTables.Leaf((ulong)random.Next(1 << 10) << 30, 30, rights) : 0;
        }
    }

    private ulong Gcr3(Random random) =>
        Pointer(random.Next(4) == 0 ? random.Next(1, Pages) : random.Next(1, FirstHost)) | (random.Next(8) == 0 ? 0UL : 1UL);

    private ulong Guest(Random random)
    {
        ulong entry = (ulong)random.NextInt64() & ~(Address | 0x19FUL); // A, D, available bits and keys at random
        if (random.Next(14) != 0) entry |= 1;
        if (random.Next(8) != 0) entry |= 2;
        if (random.Next(10) != 0) entry |= 4;
        if (random.Next(8) == 0) entry |= 1UL << 63;
        if (random.Next(12) == 0) entry |= 1UL << 8;
        ulong address = random.Next(8) == 0 ? (ulong)random.NextInt64() & Address : Pointer(random.Next(FirstGuest, FirstHost));
        if (random.Next(6) == 0)
        {
            entry |= 1UL << 7;
            if (random.Next(4) != 0) address &= ~(random.Next(2) == 0 ? 0x1F_FFFFUL : 0x3FFF_FFFFUL);
            if (_isNested && random.Next(2) == 0) address &= 0x7FC0_0000UL;
        }

        if (_isNested && random.Next(8) == 0) address &= 0x7F_FFFF_F000UL;
        return entry | address;
    }
}
