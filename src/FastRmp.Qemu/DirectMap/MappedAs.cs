namespace FastRmp.Qemu;

/// <summary>What an entry of a directory makes of its region.</summary>
internal enum MappedAs
{
    /// <summary>Nothing is mapped.</summary>
    Nothing,

    /// <summary>One leaf maps it.</summary>
    Leaf,

    /// <summary>A table of smaller ones maps it.</summary>
    Table,
}
