using System;
using FastRmp.Cli.Shell;
using FastRmp.Paging;

namespace FastRmp.Cli.Map;

/// <summary>What becomes of the mappings of a listing.</summary>
internal abstract class MapSink(RowWriter rows)
{
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
    protected static ReadOnlySpan<byte> Flags(in Mapping mapping) => LeafFlags.Of(mapping.Leaf, mapping.Size != PageSize.Size4K);

    /// <summary>Three letters as QEMU prints them, of all levels together: user or not, readable, writable or not.</summary>
    protected static ReadOnlySpan<byte> RightsText(PagingRights rights) => (rights & (PagingRights.User | PagingRights.Write)) switch
    {
        PagingRights.User | PagingRights.Write => "urw"u8,
        PagingRights.User => "ur-"u8,
        PagingRights.Write => "-rw"u8,
        _ => "-r-"u8,
    };
}
