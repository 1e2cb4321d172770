using System.Collections.Immutable;

namespace FastRmp.Qemu;

/// <summary>A store that is about to fault: the processor uses tables in which its pages are read-only.</summary>
/// <param name="Cr3">The kernel's CR3.</param>
/// <param name="Rip">The instruction.</param>
/// <param name="Pages">Those pages: of a string instruction the first one on each way.</param>
internal sealed record GuardedStore(ulong Cr3, ulong Rip, ImmutableArray<GuardedPage> Pages)
{
    /// <summary>Whether an address is in one of them.</summary>
    internal bool Has(ulong address)
    {
        foreach (GuardedPage page in Pages)
        {
            if (address - page.First < page.Size.Bytes()) return true;
        }

        return false;
    }
}
