using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp.Native;

/// <summary>Where handles are looked up. A class without an initializer: a look-up need not ask whether one has run.</summary>
internal static class Slots
{
    private static LiveHandle?[]? _slots;

    // A table at hand, as most programs have but one: without the way through the slots, each of whose loads waits for the one before. It
    // is written after its handle and read before it: whoever sees it sees its own handle, or a later one.
    private static ulong _nearTableHandle;
    private static ReverseMapTable<RmpGeometry>? _nearTable;

    /// <summary>The slots; null before the first handle.</summary>
    internal static LiveHandle?[]? All
    {
        get => Volatile.Read(ref _slots);
        set => Volatile.Write(ref _slots, value);
    }

    /// <summary>The table at hand, if a handle is its.</summary>
    /// <param name="value">Any number.</param>
    /// <returns>The table; null also for other tables.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReverseMapTable<RmpGeometry>? NearTable(ulong value)
    {
        ReverseMapTable<RmpGeometry>? near = Volatile.Read(ref _nearTable);
        return Volatile.Read(ref _nearTableHandle) == value ? near : null;
    }

    /// <summary>Finds a table.</summary>
    /// <param name="value">Any number.</param>
    /// <returns>The table, or null.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ReverseMapTable<RmpGeometry>? Table(ulong value) => NearTable(value) ?? Other(value);

    /// <summary>Keeps a table at hand if none is; under the lock of the handles.</summary>
    /// <param name="handle">What was added.</param>
    internal static void Added(LiveHandle handle)
    {
        if (_nearTable is not null || handle is not TableHandle table) return;
        Volatile.Write(ref _nearTableHandle, table.Value);
        Volatile.Write(ref _nearTable, table.Table);
    }

    /// <summary>Forgets a table that was at hand. Its handle stays: that number is not used again.</summary>
    /// <param name="handle">What was removed.</param>
    internal static void Removed(LiveHandle handle)
    {
        if (handle.Value == _nearTableHandle) Volatile.Write(ref _nearTable, null);
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
