using System.Runtime.CompilerServices;
using FastRmp.DirectMap;

namespace FastRmp.Benchmarks.Data;

/// <summary>The fields that C needs to work on the very tables of a direct map; the library has no members for benchmarks.</summary>
internal static class DirectMapInternals
{
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_tables")]
    internal static extern ref TablePool Tables(HostDirectMap map);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_memory")]
    internal static extern ref PinnedMemory Memory(TablePool pool);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_free")]
    internal static extern ref ulong FreeList(TablePool pool);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_untouched")]
    internal static extern ref long Untouched(TablePool pool);
}
