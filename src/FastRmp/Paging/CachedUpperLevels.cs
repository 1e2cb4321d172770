using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>Walks that begin where a cache knows the way.</summary>
internal readonly struct CachedUpperLevels(PagingStructureCache cache) : IUpperLevels
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PagingLevel Find(VirtualAddress address, ref WalkProgress walk) => cache.Find(address, ref walk);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(VirtualAddress address, in WalkProgress walk, PagingLevel level) => cache.Add(address, walk, level);
}
