namespace FastRmp.Native;

/// <summary>The RMPOPT state of a core.</summary>
internal sealed class CoreHandle(ulong table, RmpOptCore core) : LiveHandle
{
    /// <inheritdoc/>
    internal override byte Kind => 0xA3;

    /// <summary>The table that it is used with, and no other.</summary>
    internal ulong Table { get; } = table;

    /// <summary>The core.</summary>
    internal RmpOptCore Core { get; } = core;
}
