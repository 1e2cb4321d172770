using System;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Rmp;

namespace FastRmp.Tests.Iommu;

/// <summary>
/// Random tables for devices: registers, device table, GCR3, guest and host tables, and an RMP over them with pages of all owners and
/// sizes; bits are set by number, not by the library's layouts.
/// </summary>
/// <remarks>
/// Host tables mostly map a page onto itself, so that the same guest tables serve with and without them. There are two tables of each level
/// of each kind; most entries lead to a table of the level below. The device table comes last and is half outside the memory.
/// </remarks>
internal sealed class RandomIommuTables : IDisposable
{
    internal const int Devices = 128; // that the memory holds; as many again it does not
    internal const ulong Start = IoTables.Start;

    private const int Gcr3 = 0; // pages: four of GCR3, then two for each level, from level 1 up
    private const int Guest = 4;
    private const int Host = 14;
    private const int Table = 26;
    private const int Pages = 27;
    private const ulong AddressBits = 0x000F_FFFF_FFFF_F000UL;
    private const ulong Covered = 0x100_0000UL; // by the RMP: eight regions of 2 MiB, of which the first holds the tables

    private static readonly ulong[] Controls =
    [
        ulong.MaxValue, ulong.MaxValue, 1UL << 16, (1UL << 16) | (1UL << 58), (1UL << 16) | (1UL << 45), 0,
    ];

    private readonly Random _random;
    private readonly ulong _encryption;
    private readonly int _guestLevels;

    internal RandomIommuTables(Random random)
    {
        _random = random;
        Memory = new WalkMemory(Start, Pages);
        int? encryptionBit = One(3) ? random.Next(32, 52) : null;
        _encryption = encryptionBit is int bit ? 1UL << bit : 0;
        _guestLevels = random.Next(4, 6); // of most devices
        ModelChoices choices = One(3) ? ModelChoices.Default : RandomChoices();
        Rmp = new ModelPair(ContiguousGeometry.Covering(PhysicalAddress.Create(0x100_0000_0000), Covered), ProcessorModel.Genoa, choices);
        Iommu = new IommuState(At(Table) | 1, IsSnpEnabled: !One(3))
        {
            Control = One(2) ? null : new IommuControl(Controls[random.Next(Controls.Length)]),
            Features = One(2) ? null : new IommuExtendedFeatures(One(3) ? (ulong)random.NextInt64() | (1UL << 4) : ulong.MaxValue),
            Features2 = !One(4) ? null : (ulong)random.Next(16),
            EncryptionBit = encryptionBit,
            Choices = choices,
        };
        FillTables();
        for (int id = 0; id < Devices; id++)
        {
            Device(id);
        }

        Own();
    }

    internal WalkMemory Memory { get; }

    internal ModelPair Rmp { get; }

    internal IommuState Iommu { get; }

    public void Dispose() => Rmp.Dispose();

    /// <summary>A device's number: mostly one that is there.</summary>
    internal ushort Who() => (ushort)(One(40) ? _random.Next(65536) : One(40) ? _random.Next(2 * Devices) : _random.Next(Devices));

    /// <summary>A request: of every kind, most of them to addresses that the tables can have.</summary>
    internal IommuRequest Request()
    {
        ulong address = _random.Next(8) switch
        {
            0 => (ulong)_random.NextInt64() << _random.Next(2),
            1 => (ulong)((_random.NextInt64() << 16) >> 16), // canonical for four levels
            2 or 3 => (ulong)_random.NextInt64((long)Covered),
            4 when One(4) => 0xFEE0_0000UL - 0x1_0000 + (ulong)_random.Next(0x12_0000),
            int => (ulong)_random.NextInt64() >> _random.Next(16, 36),
        };
        uint? pasid = _random.Next(8) switch
        {
            0 or 1 => null,
            2 when One(2) => (uint)_random.Next(1 << 20),
            3 when One(3) => (uint)_random.Next() << _random.Next(2),
            3 or 4 => (uint)_random.Next(1 << 18),
            int => (uint)_random.Next(512),
        };
        return new IommuRequest(new DeviceAddress(address), One(2), pasid, One(3), One(4));
    }

    private static ulong At(int page) => Start + ((ulong)page << 12);

    private static int PageOf(int kind, int level, int which) => kind + (2 * (level - 1)) + which;

    private bool One(int of) => _random.Next(of) == 0;

    /// <summary>A table of a level; seldom of another one.</summary>
    private ulong TableOf(int kind, int level) => At(One(100) ? _random.Next(Pages) : PageOf(kind, level, _random.Next(2)));

    private void FillTables()
    {
        for (int index = 0; index < 512; index++)
        {
            for (int page = Gcr3; page < Guest; page++)
            {
                Set(page, index, Gcr3Entry(page));
            }

            for (int which = 0; which < 2; which++)
            {
                for (int level = 1; level <= 5; level++)
                {
                    Set(PageOf(Guest, level, which), index, GuestEntry(level));
                }

                for (int level = 1; level <= 6; level++)
                {
                    Set(PageOf(Host, level, which), index, HostEntry(level, index));
                }
            }
        }
    }

    private void Set(int page, int index, ulong value) => Memory[At(page) + (8UL * (ulong)index)] = value;

    /// <summary>The first page's entries are roots, those of the others lead to the page before.</summary>
    private ulong Gcr3Entry(int page)
    {
        ulong next = page == Gcr3 || One(10)
            ? TableOf(Guest, One(20) ? 4 + _random.Next(2) : _guestLevels)
            : At(One(20) ? _random.Next(Pages) : page - 1);
        if (One(60)) next = (ulong)_random.NextInt64() & AddressBits;
        return next | Encrypted() | (One(16) ? 0UL : 1UL) | (One(4) ? (ulong)_random.Next(0x1000) & 0xFFE : 0);
    }

    private ulong GuestEntry(int level)
    {
        ulong entry = (ulong)_random.NextInt64() & 0x7FF0_0000_0000_0E78UL; // A, D, available bits and keys at random
        if (!One(50)) entry |= 1;
        if (!One(16)) entry |= 2;
        if (!One(30)) entry |= 4;
        if (One(20)) entry |= 1UL << 63;
        if (One(120)) entry |= 1UL << _random.Next(7, 9);
        bool isLarge = level is 2 or 3 && One(3);
        if (level != 1 && !isLarge)
        {
            return entry | Encrypted() | (One(120) ? (ulong)_random.NextInt64() & AddressBits : TableOf(Guest, level - 1));
        }

        ulong page = One(16) ? (ulong)_random.NextInt64() & AddressBits : (ulong)_random.NextInt64((long)Covered * 5 / 4) & AddressBits;
        if (!isLarge) return entry | Encrypted() | page;
        if (!One(30)) page &= ~((1UL << (12 + (9 * (level - 1)))) - 1); // else reserved bits
        return entry | Encrypted() | page | (1UL << 7) | (One(4) ? 1UL << 12 : 0);
    }

    /// <summary>An entry for the page with its number, or for the table of the level below; both seldom otherwise.</summary>
    private ulong HostEntry(int level, int index)
    {
        ulong entry = (ulong)_random.NextInt64() & 0x0000_0000_0000_019EUL; // ignored bits; neither Accessed nor Dirty
        if (One(2)) entry |= 3UL << 5;
        if (One(2)) entry |= 1UL << 63;
        // to tables: mostly good
        bool isOnTheWay = level == 1 ? At(Gcr3) >> 12 <= (ulong)index && (ulong)index < At(Pages) >> 12 : index == 0;
        int errors = isOnTheWay ? 10 : 1;
        entry |= One(24 * errors) ? (ulong)_random.Next(4) << 61 : 3UL << 61;
        if (!One(24 * errors)) entry |= 1;
        if (One(60 * errors)) entry |= 1UL << _random.Next(52, 61);
        entry |= Encrypted();
        int shift = 12 + (9 * (level - 1));
        bool isPage = level == 1 || (level <= 3 && index != 0 && !One(3)) || One(40 * errors);
        if (!isPage)
        {
            int next = One(isOnTheWay ? 60 : 10) ? _random.Next(1, 7) : level - 1;
            return entry | ((ulong)next << 9) | (One(60 * errors) ? (ulong)_random.NextInt64() & AddressBits : TableOf(Host, next));
        }

        ulong page = ((ulong)index << shift) & AddressBits;
        if (One(24 * errors)) page = (ulong)_random.NextInt64((long)Covered) & AddressBits;
        if (One(60 * errors)) page = (ulong)_random.NextInt64() & AddressBits;
        if (!One(8)) return entry | page;
        int size = One(8) ? _random.Next(13, 53) : shift + _random.Next(1, 9); // a run of ones: the size
        return entry | (7UL << 9) | ((page | ((1UL << (size - 1)) - 1)) & ~(1UL << (size - 1)) & AddressBits);
    }

    private ulong Encrypted() => One(2) ? _encryption : 0;

    private void Device(int id)
    {
        ulong at = At(Table) + (32UL * (ulong)id);
        int mode = One(40) ? 7 : One(Iommu.IsSnpEnabled && !Iommu.Gcr3IsGuestPhysical ? 20 : 3) ? 0 : _random.Next(1, 7);
        ulong root = TableOf(Host, mode is 0 or 7 ? 1 + _random.Next(6) : mode) | Encrypted();
        int glx = One(20) ? 3 : _random.Next(3);
        ulong gcr3 = One(40) ? (ulong)_random.NextInt64() & AddressBits : (At(Gcr3 + (One(20) ? _random.Next(4) : glx)) | Encrypted());
        ulong low = (One(30) ? (ulong)_random.Next(4) : 3) | ((ulong)mode << 9) | root
            | (One(16) ? (ulong)_random.Next(4) << 61 : 3UL << 61);
        if (One(2)) low |= (ulong)_random.Next(4) << 7;
        if (One(40)) low |= (ulong)_random.Next(4) << 52;
        ulong domain = (ulong)_random.Next(65536);
        if (One(5))
        {
            Memory[at] = low; // host tables alone
            Memory[at + 8] = domain;
        }
        else
        {
            Memory[at] = low | (1UL << 55) | ((ulong)glx << 56) | (One(2) ? 1UL << 54 : 0) | ((gcr3 >> 12 & 7) << 58);
            Memory[at + 8] = domain | ((gcr3 >> 15 & 0xFFFF) << 16) | ((gcr3 >> 31) << 43);
            Memory[at + 16] = (ulong)(One(20) ? _random.Next(4) : _guestLevels - 4) << 54;
        }

        int changed = One(16) ? _random.Next(256) : -1;
        if (changed >= 0) Memory[at + (8UL * (ulong)(changed / 64))] ^= 1UL << (changed % 64);
    }

    /// <summary>
    /// Gives pages away: tables seldom, of the rest some regions as a whole, some in parts, some to firmware, and takes some back.
    /// </summary>
    private void Own()
    {
        for (int i = 0; i < 60; i++)
        {
            ulong page = One(3) ? (ulong)_random.Next(512) << 12 : (ulong)_random.NextInt64((long)Covered) & AddressBits;
            bool isTable = page >= Start && page < At(Pages);
            if (!isTable || One(6)) _ = Rmp.Update(page, Operands.Assign(page, (uint)_random.Next(5), immutable: One(4)));
        }

        if (One(2))
        {
            ulong table = At(PageOf(Host, _random.Next(1, 4), _random.Next(2))); // which may be read, not marked
            _ = Rmp.Update(table, Operands.Assign(table, 1));
        }

        for (int i = 0; i < 3; i++)
        {
            ulong region = (ulong)_random.Next(1, 8) << 21;
            for (ulong page = 0; page < 0x20_0000; page += 0x1000)
            {
                _ = Rmp.Update(region + page, Operands.Release());
            }

            if (One(3)) continue;
            _ = Rmp.Update(region, Operands.Assign(region, (uint)_random.Next(5), PageSize.Size2M));
            if (One(2)) _ = Rmp.Smash(region);
            if (One(2)) _ = Rmp.Update(region + ((ulong)_random.Next(512) << 12), Operands.Release());
        }
    }

    private ModelChoices RandomChoices() => new()
    {
        DmaReadsAreChecked = One(2),
        IntermediateDmaSizesAreLarge = One(2),
        UntranslatedDmaIsChecked = One(2),
        NoTranslationIsIllegalEntry = One(2),
        ReservedModeIsPageFault = One(2),
        DeviceBeyondTableIsIllegalEntry = One(2),
        MalformedDmaEntryReportsReserved = One(2),
        ReservedDmaBitsReportReserved = One(2),
        SkippedLevelsReportPresent = One(2),
        DmaRightsAreCheckedAtLeaf = One(2),
        OutOfReachReportsPresent = One(2),
        TranslationValidBeforeReservedBits = One(2),
        DeviceRightsBeforeEncoding = One(2),
        UnsupportedDeviceFieldsAreReserved = One(2),
        GuestDmaFaultsReportGuest = One(2),
        GuestDmaFaultsAreGuestEvents = One(2),
        InvalidGcr3ReportsPresent = One(2),
        NonCanonicalDmaReportsPresent = One(2),
        RmpDmaFaultReportsPhysicalAddress = One(2),
        RmpDmaFaultFlags = (byte)_random.Next(256),
    };
}
