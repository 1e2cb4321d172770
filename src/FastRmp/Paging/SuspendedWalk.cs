using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>A walk between two rounds.</summary>
internal struct SuspendedWalk
{
    internal PagingLevel Level; // of the table to read next; None if the walk is over
    internal VirtualAddress Address;
    private PhysicalAddress _table;
    private ulong _all;
    private ulong _any;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Suspend(VirtualAddress address, in WalkProgress walk, PagingLevel level)
    {
        Level = level;
        Address = address;
        _table = walk.Table;
        _all = walk.All;
        _any = walk.Any;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly WalkProgress Resume() => new() { Table = _table, All = _all, Any = _any };
}
