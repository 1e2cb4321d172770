using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>Pages in use.</content>
internal readonly partial struct RmpProtocol
{
    /// <summary>The uses that forbid the hypervisor to write, unless HvInUseWrAllowed.</summary>
    internal UseStamp UsesOfWrite(PhysicalAddress address, PageSize mapping) =>
        Processor.HasInUse2MErratum && mapping != PageSize.Size4K ? InUse.StampWithFirst(address) : InUse.Stamp(address);

    /// <summary>Whether this table has marked a page as in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasUse(PhysicalAddress page) => InUse.Any && InUse.Contains(page);

    /// <summary>Whether no page is in use, and nothing optimized by RMPOPT: an update needs to look at its entries alone.</summary>
    internal bool NothingBeside
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !InUse.Any && Optimizations is null;
    }

    /// <summary>Whether a use refuses an update: of the page itself, or for a large page of any page in its region that is the
    /// hypervisor's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsInTheWay(nuint index, PhysicalAddress page, bool isLarge) =>
        InUse.Any && (isLarge && !Choices.LargeUpdateLooksAtFirstPageAlone ? IsRegionInTheWay(index, page) : InUse.Contains(page));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsRegionInTheWay(nuint baseIndex, PhysicalAddress start)
    {
        if (!InUse.TryGet(start, out InUsePages.Counter first)) return false;
        if (InUsePages.Contains(first)) return true;
        for (int i = 1; i <= (int)LastSubpage; i++)
        {
            bool isHypervisors = (Volatile.Read(ref Entries.Low(baseIndex + (nuint)i)) & RmpEntry.AssignedMask) == 0;
            if (isHypervisors && InUsePages.Contains(first with { Index = i })) return true;
        }

        return false;
    }
}
