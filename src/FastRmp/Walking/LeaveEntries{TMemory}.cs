namespace FastRmp;

/// <summary>Entries are left as they are: for images.</summary>
internal readonly struct LeaveEntries<TMemory> : IEntryUpdate<TMemory>
    where TMemory : struct, IPhysicalMemory, allows ref struct
{
    public static bool Writes => false;

    public static bool TrySet(scoped ref TMemory memory, PhysicalAddress entry, ulong found, ulong bits) => true;
}
