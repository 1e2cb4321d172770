namespace FastRmp.Cli.Walk;

/// <summary>One value of a row.</summary>
/// <param name="Applies">False where the file says <c>-</c>.</param>
/// <param name="Value">The value, 0 if it does not apply.</param>
internal readonly record struct RowCell(bool Applies, ulong Value)
{
    /// <summary><c>-</c>.</summary>
    internal static RowCell None => default;

    /// <summary>A value that applies.</summary>
    internal static RowCell Of(ulong value) => new(true, value);
}
