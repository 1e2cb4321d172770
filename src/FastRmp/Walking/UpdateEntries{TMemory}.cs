namespace FastRmp;

/// <summary>Accessed and Dirty are set, by compare-exchange.</summary>
internal readonly struct UpdateEntries<TMemory> : IEntryUpdate<TMemory>
    where TMemory : struct, IMutablePhysicalMemory, allows ref struct
{
    public static bool Writes => true;

    public static bool TrySet(scoped ref TMemory memory, PhysicalAddress entry, ulong found, ulong bits) =>
        memory.TryCompareExchange(entry, found | bits, found, out ulong prior) && prior == found;
}
