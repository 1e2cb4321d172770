using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>The 511 sub-entries of a region, for a 2 MiB instruction (rule 5).</content>
internal readonly partial struct RmpProtocol
{
    /// <summary>Whether no sub-entry of a region whose base the caller has frozen is held, so that the caller may overwrite all of
    /// them.</summary>
    /// <param name="baseIndex">The base entry.</param>
    /// <param name="refuseImmutable">Whether an immutable sub-entry is in the way, too.</param>
    /// <param name="obstacle">The low quadword of the first entry that is in the way; zero if there is none.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool AreSubpagesFree(nuint baseIndex, bool refuseImmutable, out LowQuadword obstacle)
    {
        ulong refused = refuseImmutable ? RmpEntry.LockMask | RmpEntry.ImmutableMask : RmpEntry.LockMask;
        obstacle = 0;
        return !RegionEntries.AnyOf(Entries, baseIndex, refused) || AreFreeOneByOne(baseIndex, refused, out obstacle);
    }

    /// <summary>The same, entry by entry. What was in the way a moment ago may be gone: that counts as free, because each entry is read
    /// after the base was frozen here, too.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AreFreeOneByOne(nuint baseIndex, ulong refused, out LowQuadword obstacle)
    {
        for (nuint i = 1; i <= LastSubpage; i++)
        {
            obstacle = Volatile.Read(ref Entries.Low(baseIndex + i));
            if ((obstacle & refused) != 0) return false;
        }

        obstacle = 0;
        return true;
    }
}
