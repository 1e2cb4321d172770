using FastRmp.Cli.Shell;
using FastRmp.Paging;

namespace FastRmp.Cli.Map;

/// <summary>What becomes of the mappings of a listing.</summary>
internal abstract class MapSink(RowWriter rows)
{
    private const string Letters = "XGPDACTUW";

    /// <summary>Where the text goes.</summary>
    protected RowWriter Rows => rows;

    /// <summary>Before the first mapping.</summary>
    internal abstract void Begin(MapHeader header);

    /// <summary>The next mapping, in ascending order of address.</summary>
    internal abstract void Add(in Mapping mapping);

    /// <summary>After the last mapping.</summary>
    internal abstract void End();

    /// <summary>Nine letters as QEMU prints them: of the leaf entry alone. Bit 7 is PS in a large leaf; in a 4 KiB leaf it is PAT, and not
    /// shown.</summary>
    protected void Flags(in Mapping mapping)
    {
        PagingEntry leaf = mapping.Leaf;
        Letter(leaf.NoExecute, 0);
        Letter(leaf.Global, 1);
        Letter(mapping.Size != PageSize.Size4K, 2);
        Letter(leaf.Dirty, 3);
        Letter(leaf.Accessed, 4);
        Letter(leaf.CacheDisable, 5);
        Letter(leaf.WriteThrough, 6);
        Letter(leaf.User, 7);
        Letter(leaf.Writable, 8);
    }

    /// <summary>Three letters as QEMU prints them, of all levels together: user or not, readable, writable or not.</summary>
    protected void Rights(PagingRights rights)
    {
        Rows.Char((rights & PagingRights.User) != 0 ? 'u' : '-');
        Rows.Char('r');
        Rows.Char((rights & PagingRights.Write) != 0 ? 'w' : '-');
    }

    private void Letter(bool isSet, int index) => Rows.Char(isSet ? Letters[index] : '-');
}
