using System;
using FastRmp.Addressing;
using FastRmp.Model;
using FastRmp.Paging;
using FastRmp.Reference;

namespace FastRmp.Tests.Paging;

/// <summary>Random processor states and paging structures: most entries lead on, some are absent, malformed, or lead out of memory.</summary>
internal sealed class RandomPaging
{
    private const int Tables = 12;
    private const ulong Start = 0x8_0000;
    private const ulong FlagBits = 0x7FF0_0000_0000_0E18UL; // keys, software bits, PCD, PWT

    private readonly Random _random;

    internal RandomPaging(Random random)
    {
        _random = random;
        Memory = new WalkMemory(Start, Tables);
        Levels = random.Next(3) == 0 ? 5 : 4;
        Width = random.Next(3) == 0 ? 52 : random.Next(36, 53);
        bool gigabyte = random.Next(4) != 0;
        bool amd = random.Next(4) != 0;
        bool wp = random.Next(4) != 0;
        bool nxe = random.Next(5) != 0;
        bool smep = random.Next(3) != 0;
        bool smap = random.Next(3) == 0;
        ulong root = AnyTable();
        Ac = random.Next(2) == 0;
        ProcessorModel processor = ProcessorModel.Genoa with { PhysicalAddressWidth = Width, HasGigabytePages = gigabyte, ReservesUpperBit8 = amd };
        State = new PagingState(PhysicalAddress.Create(root), Levels == 5 ? PagingMode.FiveLevel : PagingMode.FourLevel, processor, wp, nxe, smep, smap);
        Reference = new ReferencePaging
        {
            Cr3 = root | (uint)random.Next(0x1000),
            Levels = Levels,
            NoExecuteEnabled = nxe,
            WriteProtect = wp,
            Smep = smep,
            Smap = smap,
            AccessUserAllowed = Ac,
            PhysicalWidth = Width,
            Has1GPages = gigabyte,
            TopBit8Reserved = amd,
        };
        for (int i = 0; i < Memory.Words.Length; i++)
        {
            Memory.Words[i] = AnyEntry(nxe);
        }
    }

    internal WalkMemory Memory { get; }

    internal int Levels { get; }

    internal int Width { get; }

    internal bool Ac { get; }

    internal PagingState State { get; }

    internal ReferencePaging Reference { get; }

    /// <summary>Flips a few bits or replaces an entry, somewhere on the way to an address most of the time.</summary>
    internal void Mutate(ulong va)
    {
        ulong table = State.Root.Value;
        for (int level = Levels; level >= 1 && Memory.Holds(table); level--)
        {
            ulong entry = table + (8 * TableTree.Index(va, level));
            if (_random.Next(4) == 0) Memory[entry] ^= 1UL << _random.Next(64);
            if (_random.Next(8) == 0) Memory[entry] = (ulong)_random.NextInt64(long.MinValue, long.MaxValue);
            table = Memory[entry] & TableTree.AddressField;
        }
    }

    /// <summary>An address, canonical nearly always.</summary>
    internal ulong AnyAddress()
    {
        int used = Levels == 5 ? 57 : 48;
        ulong va = (ulong)_random.NextInt64(long.MinValue, long.MaxValue);
        if (_random.Next(50) == 0) return va;
        return (ulong)((long)(va << (64 - used)) >> (64 - used));
    }

    private ulong AnyTable() => Start + ((ulong)_random.Next(Tables) * 0x1000);

    private ulong AnyEntry(bool nxe)
    {
        ulong flags = (ulong)_random.NextInt64() & FlagBits;
        if (_random.Next(50) != 0) flags |= TableTree.P;
        if (_random.Next(4) != 0) flags |= TableTree.W;
        if (_random.Next(4) != 0) flags |= TableTree.U;
        if (_random.Next(2) == 0) flags |= TableTree.A;
        if (_random.Next(2) == 0) flags |= TableTree.D;
        if (_random.Next(10) == 0) flags |= TableTree.PS;
        if (_random.Next(60) == 0) flags |= 1UL << 8;
        if (_random.Next(8) == 0 && (nxe || _random.Next(40) == 0)) flags |= TableTree.NX;
        if (_random.Next(80) == 0) flags |= 1UL << _random.Next(Width - 1, 52);
        if ((flags & TableTree.PS) == 0 || _random.Next(4) == 0) return flags | (_random.Next(40) == 0 ? AnyFrame() : AnyTable());

        // A leaf: aligned to 2 MiB or 1 GiB most of the time, with or without PAT.
        ulong frame = _random.Next(5) == 0 ? AnyFrame() : AnyFrame() & ~(_random.Next(2) == 0 ? 0x1F_FFFFUL : 0x3FFF_FFFFUL);
        return flags | frame | (_random.Next(4) == 0 ? 0x1000UL : 0);
    }

    private ulong AnyFrame() => (ulong)_random.NextInt64() & ((1UL << Width) - 1) & TableTree.AddressField;
}
