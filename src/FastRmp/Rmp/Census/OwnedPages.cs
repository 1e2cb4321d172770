using System;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>Lists the pages that are assigned to an ASID, in the order of their addresses; a 2 MiB page once.</summary>
/// <remarks>
/// <para>An ASID of 1 to 0x3FD is a guest; 0 lists the assigned pages that belong to no guest: firmware's. The entry of a VM save area in
/// use does not show its owner: the page is listed under its owner if the table knows it, else, as in a dump, under 0x3FE
/// (<see cref="RmpEntry.InUseAsid"/>). So each assigned page is listed under exactly one ASID, except those that another thread holds
/// frozen (0x3FF).</para>
/// <para>Every entry is read; where few pages belong to the ASID, the speed is the bandwidth of memory. Nothing is allocated.</para>
/// </remarks>
public static class OwnedPages
{
    /// <summary>The pages of an ASID.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="asid">0 to 0x3FE.</param>
    /// <returns>The pages, for <c>foreach</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The ASID is larger.</exception>
    public static OwnedPageEnumerator<TGeometry> PagesOf<TGeometry>(this ReverseMapTable<TGeometry> table, uint asid)
        where TGeometry : struct, IRmpGeometry => new(table, asid);

    /// <summary>The pages of an ASID among entries, such as those that a <see cref="RmpCensus"/> takes in.</summary>
    /// <param name="start">The page of the first entry, 2 MiB aligned.</param>
    /// <param name="entries">Entries of whole regions: a multiple of 512.</param>
    /// <param name="asid">0 to 0x3FE.</param>
    /// <returns>The pages, for <c>foreach</c>.</returns>
    /// <exception cref="ArgumentException">The page is not aligned, or a region is not whole.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The ASID is larger.</exception>
    /// <remarks>For entries that no other thread changes. A locked entry is listed by its content.</remarks>
    public static OwnedEntryEnumerator Among(PhysicalAddress start, ReadOnlySpan<RmpEntry> entries, uint asid) => new(start, entries, asid);

    internal static void RequireOwner(uint asid)
    {
        if (asid > RmpEntry.InUseAsid) Throw.AsidRange(nameof(asid), asid, RmpEntry.InUseAsid);
    }
}
