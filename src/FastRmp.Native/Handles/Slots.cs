using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp.Native;

/// <summary>Where handles are looked up. A class without an initializer: a look-up need not ask whether one has run.</summary>
internal static class Slots
{
    private static LiveHandle?[]? _slots;
    private static ulong _first; // a live table's handle, or 0
    private static ReverseMapTable<RmpGeometry>? _firstTable;

    /// <summary>The slots; null before the first handle.</summary>
    internal static LiveHandle?[]? All
    {
        get => Volatile.Read(ref _slots);
        set => Volatile.Write(ref _slots, value);
    }

    /// <summary>Finds a table, as most programs have but one: without the way through the slots, each of whose loads would wait for the one
    /// before.</summary>
    /// <param name="value">Any number.</param>
    /// <returns>The table, or null.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ReverseMapTable<RmpGeometry>? Table(ulong value) => value == _first && value != 0 ? _firstTable : Other(value);

    /// <summary>Keeps a table at hand if none is.</summary>
    /// <param name="handle">What was added.</param>
    internal static void Added(LiveHandle handle)
    {
        if (_first != 0 || handle is not TableHandle table) return;
        _firstTable = table.Table;
        Volatile.Write(ref _first, table.Value);
    }

    /// <summary>Forgets a table that was at hand.</summary>
    /// <param name="handle">What was removed.</param>
    internal static void Removed(LiveHandle handle)
    {
        if (handle.Value != _first) return;
        Volatile.Write(ref _first, 0);
        _firstTable = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ReverseMapTable<RmpGeometry>? Other(ulong value) => Find<TableHandle>(value)?.Table;

    /// <summary>Finds a handle.</summary>
    /// <typeparam name="T">Its kind.</typeparam>
    /// <param name="value">Any number.</param>
    /// <returns>The object, or null.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T? Find<T>(ulong value)
        where T : LiveHandle
    {
        LiveHandle?[]? slots = _slots;
        uint slot = (ushort)value;
        return slots is not null && slot < (uint)slots.Length && slots[slot] is T found && found.Value == value ? found : null;
    }
}
