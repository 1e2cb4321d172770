using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>No cache: every walk begins at the root.</summary>
internal readonly struct NoUpperLevels : IUpperLevels
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PagingLevel Find(VirtualAddress address, ref PageWalker.Progress walk) => PagingLevel.None;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(VirtualAddress address, in PageWalker.Progress walk, PagingLevel level)
    {
    }
}
