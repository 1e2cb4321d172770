using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>A table over the caller's storage.</summary>
internal sealed unsafe class TableHandle : LiveHandle
{
    private const nuint CacheLine = 64;

    private readonly PinnedMemory _storage;

    internal TableHandle(ReverseMapTable<RmpGeometry> table, PinnedMemory storage)
    {
        Table = table;
        _storage = storage;
        InUse = (ulong*)NativeMemory.AlignedAlloc(CacheLine, CacheLine);
        *InUse = 0;
    }

    /// <inheritdoc/>
    internal override byte Kind => 0xA1;

    /// <summary>The table.</summary>
    internal ReverseMapTable<RmpGeometry> Table { get; }

    /// <summary>How many in-use marks there are, for the check in the header. Never freed: a caller may look at it later than it
    /// should.</summary>
    internal ulong* InUse { get; }

    /// <summary>The caller's storage.</summary>
    internal byte* Storage => _storage.Pointer;

    /// <inheritdoc/>
    internal override void End() => Table.Dispose();
}
