namespace FastRmp.Tests.Paging;

/// <summary>The entries on the way to one address, each in a table of its own; every bit of them is the test's to choose.</summary>
internal sealed class WalkChain
{
    internal const ulong Va = 0x0000_5A5A_5A5A_5A58UL;
    internal const ulong Page = 0x4000_0000UL; // aligned to 1 GiB
    internal const ulong Root = 0x10_0000UL;

    private readonly int _leafLevel;

    /// <summary>Makes the tables.</summary>
    /// <param name="levels">4 or 5.</param>
    /// <param name="leafLevel">1, 2 or 3; 0 if no entry is to have PS by itself.</param>
    internal WalkChain(int levels, int leafLevel)
    {
        Levels = levels;
        _leafLevel = leafLevel;
        Memory = new WalkMemory(Root, levels);
    }

    internal int Levels { get; }

    internal WalkMemory Memory { get; }

    /// <summary>Puts an entry in its place: the address of the next table or of the page, PS if it needs one, and the flags.</summary>
    internal void Set(int level, ulong flags) =>
        Memory[EntryAddress(level)] = Target(level) | flags | (level == _leafLevel && level > 1 ? TableTree.PS : 0);

    /// <summary>Where the entry of a level stands.</summary>
    internal ulong EntryAddress(int level) => Table(level) + (8 * TableTree.Index(Va, level));

    private ulong Target(int level) => level == _leafLevel || level == 1 ? Page : Table(level - 1);

    private ulong Table(int level) => Root + ((ulong)(Levels - level) << 12);
}
