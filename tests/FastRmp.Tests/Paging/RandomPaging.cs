using System;
using FastRmp.Paging;

namespace FastRmp.Tests.Paging;

/// <summary>
/// Random processor states and paging structures: most entries lead on, some are absent, malformed, or lead out of memory.
/// </summary>
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
        bool encrypted = random.Next(3) == 0;
        int width = random.Next(3) == 0 ? 52 : random.Next(encrypted ? 40 : 36, 53);
        int reduction = encrypted ? random.Next(5) : 0;
        Width = width - reduction;
        Levels = random.Next(3) == 0 ? 5 : 4;
        Setup = new PagingSetup
        {
            Levels = Levels,
            Width = width,
            Reduction = reduction,
            EncryptionBit = encrypted ? random.Next(3) == 0 ? random.Next(32, 52) : random.Next(Width - 1, 52) : null,
            HasGigabytePages = random.Next(4) != 0,
            ReservesUpperBit8 = random.Next(4) != 0,
            TellsFetchWithSmep = random.Next(2) == 0,
            ShadowStacks = random.Next(3) != 0,
            IgnoresPml5Bit8 = random.Next(4) == 0,
            MarksOnlyAllowed = random.Next(4) == 0,
            WriteProtect = random.Next(4) != 0,
            NoExecute = random.Next(5) != 0,
            Smep = random.Next(3) != 0,
            Smap = random.Next(3) == 0,
            Ac = random.Next(2) == 0,
            Pkru = AnyKeys(),
            Pkrs = AnyKeys(),
        };
        Setup = Setup with { Cr3 = AnyTable() | (uint)random.Next(0x1000) | AnyEncryption() };
        State = Setup.State;
        for (int i = 0; i < Memory.Words.Length; i++)
        {
            Memory.Words[i] = AnyEntry(Setup.NoExecute);
        }
    }

    internal WalkMemory Memory { get; }

    internal int Levels { get; }

    internal int Width { get; }

    internal PagingSetup Setup { get; }

    internal PagingState State { get; }

    /// <summary>Flips a few bits or replaces an entry, somewhere on the way to an address most of the time.</summary>
    internal void Mutate(ulong va)
    {
        ulong table = State.Root.Value;
        for (int level = Levels; level >= 1 && Memory.Holds(table); level--)
        {
            ulong entry = table + (8 * TableTree.Index(va, level));
            if (_random.Next(4) == 0) Memory[entry] ^= 1UL << _random.Next(64);
            if (_random.Next(8) == 0) Memory[entry] = (ulong)_random.NextInt64(long.MinValue, long.MaxValue);
            table = Memory[entry] & TableTree.AddressField & ~State.EncryptionMask;
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

    // None, Linux's (key 0 free), or anything that leaves some keys free.
    private uint? AnyKeys() => _random.Next(4) switch
    {
        0 => (uint)_random.Next() & (uint)_random.Next(),
        1 => 0x5555_5554,
        _ => null,
    };

    private ulong AnyEncryption() => Setup.EncryptionBit is { } bit && _random.Next(2) == 0 ? 1UL << bit : 0;

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
        flags |= AnyEncryption();
        if ((flags & TableTree.PS) == 0 || _random.Next(4) == 0) return flags | (_random.Next(40) == 0 ? AnyFrame() : AnyTable());

        // A leaf: aligned to 2 MiB or 1 GiB most of the time, with or without PAT.
        ulong frame = _random.Next(5) == 0 ? AnyFrame() : AnyFrame() & ~(_random.Next(2) == 0 ? 0x1F_FFFFUL : 0x3FFF_FFFFUL);
        return flags | frame | (_random.Next(4) == 0 ? 0x1000UL : 0);
    }

    private ulong AnyFrame() => (ulong)_random.NextInt64() & ((1UL << Width) - 1) & TableTree.AddressField;
}
