namespace FastRmp.Native;

/// <summary>A table and an address in it, as many functions take them.</summary>
internal static class TablePage
{
    /// <summary>Finds both.</summary>
    /// <param name="table">Any number.</param>
    /// <param name="name">The name that the header gives the address.</param>
    /// <param name="value">Any number.</param>
    /// <param name="found">The table.</param>
    /// <param name="address">The address.</param>
    /// <returns>The code.</returns>
    internal static int Find(ulong table, string name, ulong value, out TableHandle found, out PhysicalAddress address)
    {
        found = Slots.Find<TableHandle>(table)!;
        address = default;
        if (found is null) return Refusals.Handle(table);
        return PhysicalAddress.TryCreate(value, out address) ? (int)ErrorCode.Ok : Refusals.Address(name, value);
    }
}
