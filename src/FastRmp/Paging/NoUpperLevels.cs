using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>No cache: every walk begins at the root.</summary>
internal readonly struct NoUpperLevels : IUpperLevels
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PagingLevel Find(VirtualAddress address, ref WalkProgress walk) => PagingLevel.None;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(VirtualAddress address, in WalkProgress walk, PagingLevel level)
    {
    }
}
