using System;
using FastRmp.Paging;

namespace FastRmp.Tests.Paging;

/// <summary>Builds paging structures entry by entry, by the arithmetic of the manual and none of the library's.</summary>
internal sealed class TableTree
{
    internal const ulong P = 1UL << 0;
    internal const ulong W = 1UL << 1;
    internal const ulong U = 1UL << 2;
    internal const ulong A = 1UL << 5;
    internal const ulong D = 1UL << 6;
    internal const ulong PS = 1UL << 7;
    internal const ulong NX = 1UL << 63;
    internal const ulong AddressField = 0x000F_FFFF_FFFF_F000UL;

    private ulong _next;

    internal TableTree(int levels = 4, ulong start = 0x10_0000, int pages = 16)
    {
        Levels = levels;
        Memory = new WalkMemory(start, pages);
        _next = start;
        Root = NewTable();
    }

    internal WalkMemory Memory { get; }

    internal ulong Root { get; }

    internal int Levels { get; }

    /// <summary>Changes the processor state that <see cref="State"/> is made for.</summary>
    internal ProcessorModel Processor { get; set; } = ProcessorModel.Milan with { HasLa57 = true };

    internal WalkView View => new(Memory);

    internal PagingState State(bool wp = true, bool nxe = true, bool smep = true, bool smap = true) => new(
        PhysicalAddress.Create(Root), Levels == 5 ? PagingMode.FiveLevel : PagingMode.FourLevel, Processor, wp, nxe, smep, smap);

    /// <summary>Maps a page; tables on the way are made where they are missing and keep their flags where not.</summary>
    internal TableTree Map(ulong va, ulong pa, int leafLevel = 1, ulong flags = P | W | U, ulong tableFlags = P | W | U)
    {
        ulong entry = Root + (8 * Index(va, Levels));
        for (int level = Levels; level > leafLevel; level--)
        {
            if (Memory[entry] == 0) Memory[entry] = NewTable() | tableFlags;
            entry = (Memory[entry] & AddressField) + (8 * Index(va, level - 1));
        }

        Memory[entry] = pa | flags | (leafLevel > 1 ? PS : 0);
        return this;
    }

    /// <summary>Where the entry of a level stands on the way to an address.</summary>
    internal ulong EntryOf(ulong va, int level)
    {
        ulong entry = Root + (8 * Index(va, Levels));
        for (int above = Levels; above > level; above--)
        {
            entry = (Memory[entry] & AddressField) + (8 * Index(va, above - 1));
        }

        return entry;
    }

    internal void Change(ulong va, int level, Func<ulong, ulong> change)
    {
        ulong entry = EntryOf(va, level);
        Memory[entry] = change(Memory[entry]);
    }

    internal WalkResult Translate(ulong va, MemoryAccess access, PagingState? state = null)
    {
        WalkView view = View;
        return PageWalker.Translate(ref view, state ?? State(), new VirtualAddress(va), access);
    }

    internal WalkResult Access(ulong va, MemoryAccess access, PagingState? state = null)
    {
        WalkView view = View;
        NoCheck check = default;
        return PageWalker.Access(ref view, state ?? State(), new VirtualAddress(va), access, ref check);
    }

    internal static ulong Index(ulong va, int level) => (va >> (12 + (9 * (level - 1)))) & 511;

    internal ulong NewTable()
    {
        ulong table = _next;
        _next += 0x1000;
        return table;
    }
}
