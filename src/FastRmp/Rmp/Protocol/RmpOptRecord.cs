using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>What all cores share of RMPOPT: a stamp for each 1 GiB region, odd while a core relies on the region being free of assigned
/// pages.</summary>
/// <remarks>
/// A verification makes the stamp odd, by a full-fence compare-and-swap, before it looks at the entries. RMPUPDATE looks at the stamp after
/// it has locked its entry, by a full-fence compare-and-swap, too: of the two at least one sees the other. If the verification sees the
/// lock, it fails; if RMPUPDATE sees the odd stamp, it increments it, which clears the bit of every core at once.
/// </remarks>
internal sealed class RmpOptRecord
{
    private const int ChunkShift = 11;
    private const int ChunkRegions = 1 << ChunkShift;

    private readonly ulong[]?[] _stamps = new ulong[]?[(PhysicalAddress.ValidMask >> (30 + ChunkShift)) + 1];
    private readonly ulong[]?[] _verified = new ulong[]?[(PhysicalAddress.ValidMask >> (30 + ChunkShift)) + 1];

    /// <summary>Invalidates the verification of a region.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Clear(PhysicalAddress address)
    {
        ulong region = address.Value >> PageSize.Size1G.Shift();
        ulong[]? chunk = Volatile.Read(ref _stamps[region >> ChunkShift]);
        if (chunk is null) return;
        ref ulong stamp = ref chunk[region & (ChunkRegions - 1)];
        ulong seen = Volatile.Read(ref stamp);
        if ((seen & 1) != 0) Interlocked.CompareExchange(ref stamp, seen + 1, seen); // if it fails, another has done it
    }

    /// <summary>Invalidates the verification of every region. No other thread may use the table meanwhile.</summary>
    internal void ClearAll()
    {
        foreach (ulong[]? chunk in _stamps)
        {
            for (int i = 0; i < (chunk?.Length ?? 0); i++)
            {
                chunk![i] += chunk[i] & 1;
            }
        }
    }

    /// <summary>Begins a verification, or joins one.</summary>
    /// <returns>The stamp under which it counts.</returns>
    internal ulong Begin(PhysicalAddress address)
    {
        ref ulong stamp = ref Slot(_stamps, address);
        while (true)
        {
            ulong seen = Volatile.Read(ref stamp);
            if ((seen & 1) != 0) return seen;
            if (Interlocked.CompareExchange(ref stamp, seen + 1, seen) == seen) return seen + 1;
        }
    }

    /// <summary>Whether a stamp of <see cref="Begin"/> still holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsCurrent(PhysicalAddress address, ulong stamp)
    {
        uint region = (uint)(address.Value >> PageSize.Size1G.Shift()); // of 32 bits, so that an index is tested once
        return stamp != 0 && Volatile.Read(ref _stamps[region >> ChunkShift]) is { } chunk
            && Volatile.Read(ref chunk[region & (ChunkRegions - 1)]) == stamp;
    }

    /// <summary>Whether the region was scanned and found free under this stamp: only the first core scans it.</summary>
    internal bool IsVerified(PhysicalAddress address, ulong stamp) => Volatile.Read(ref Slot(_verified, address)) == stamp;

    internal void SetVerified(PhysicalAddress address, ulong stamp) => Volatile.Write(ref Slot(_verified, address), stamp);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ulong Slot(ulong[]?[] table, PhysicalAddress address)
    {
        ulong region = address.Value >> PageSize.Size1G.Shift();
        ulong[] chunk = Volatile.Read(ref table[region >> ChunkShift]) ?? AddChunk(table, region >> ChunkShift);
        return ref chunk[region & (ChunkRegions - 1)];
    }

    /// <summary>Once for each 2 TiB; threads that do it at the same time do not wait for each other.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong[] AddChunk(ulong[]?[] table, ulong number)
    {
        ulong[] fresh = new ulong[ChunkRegions];
#pragma warning disable RS0030 // the ulong overload, which the rule asks for, exchanges no references
        return Interlocked.CompareExchange(ref table[number], fresh, null) ?? fresh;
#pragma warning restore RS0030
    }
}
