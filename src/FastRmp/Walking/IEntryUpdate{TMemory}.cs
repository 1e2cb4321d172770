namespace FastRmp;

/// <summary>What happens to Accessed and Dirty bits: a type argument of the walks.</summary>
internal interface IEntryUpdate<TMemory>
    where TMemory : struct, IPhysicalMemory, allows ref struct
{
    /// <summary>Whether entries are written at all.</summary>
    static abstract bool Writes { get; }

    /// <summary>Replaces an entry by itself with the bits set.</summary>
    /// <returns>False if another writer changed it first.</returns>
    static abstract bool TrySet(scoped ref TMemory memory, PhysicalAddress entry, ulong found, ulong bits);
}
