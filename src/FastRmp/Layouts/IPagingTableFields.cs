namespace FastRmp;

/// <summary>The further fields of a paging entry that points to a table.</summary>
internal interface IPagingTableFields
{
    /// <summary>AVL: for software.</summary>
    [Bits(11, 9)] byte Available { get; init; }

    /// <summary>Address of the table of the next level.</summary>
    [AddressBits(51, 12)] PhysicalAddress Table { get; init; }

    /// <summary>AVL: for software; the key field has no meaning in an entry that points to a table.</summary>
    [Bits(62, 52)] ushort AvailableHigh { get; init; }
}
