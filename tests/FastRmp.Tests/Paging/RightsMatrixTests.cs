using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>
/// Every combination of R/W, U/S and NX at every level, of WP, NXE, SMEP, SMAP and AC, and of every kind of access, against the reference.
/// </summary>
public sealed class RightsMatrixTests
{
    private const int States = 32;

    [Theory]
    [InlineData(4, 1, 0)]
    [InlineData(4, 2, 0)]
    [InlineData(4, 3, 0)]
    [InlineData(5, 2, 4)]
    [InlineData(5, 3, 0)]
    [InlineData(5, 1, 3)]
    public void All_rights_of_all_levels_count_as_in_the_reference(int levels, int leafLevel, int fixedTopBits)
    {
        WalkChain chain = new(levels, leafLevel);
        int bits = (3 * (levels - leafLevel + 1)) - fixedTopBits;
        ReferenceAccess[] accesses = WalkComparison.AllAccesses(WalkChain.Va);
        int mapped = 0;
        int refused = 0;
        for (int state = 0; state < States; state++)
        {
            PagingSetup setup = Setup(state, levels);
            PagingState walked = setup.State;
            ReferenceWalker reference = new(setup.Reference, chain.Memory.Read);
            for (int combination = 0; combination < 1 << bits; combination++)
            {
                Place(chain, levels, leafLevel, combination);
                foreach (ReferenceAccess access in accesses)
                {
                    WalkStatus status = WalkComparison.Judge(chain.Memory, setup, walked, reference, access).Status;
                    mapped += status == WalkStatus.Mapped ? 1 : 0;
                    refused += status == WalkStatus.RightsViolation ? 1 : 0;
                }
            }
        }

        Assert.True(mapped > States << bits && refused > (States << bits) / 4, $"{mapped} mapped, {refused} refused");
    }

    private static PagingSetup Setup(int state, int levels) => new()
    {
        Cr3 = WalkChain.Root,
        Levels = levels,
        WriteProtect = (state & 1) != 0,
        NoExecute = (state & 2) != 0,
        Smep = (state & 4) != 0,
        Smap = (state & 8) != 0,
        Ac = (state & 16) != 0,
        TellsFetchWithSmep = (state & 5) == 5,
    };

    // Three bits a level from the leaf upwards; what is left of the topmost levels allows everything.
    private static void Place(WalkChain chain, int levels, int leafLevel, int combination)
    {
        for (int level = leafLevel; level <= levels; level++)
        {
            int own = combination >> (3 * (level - leafLevel));
            ulong flags = TableTree.P;
            if ((own & 1) == 0) flags |= TableTree.W;
            if ((own & 2) == 0) flags |= TableTree.U;
            if ((own & 4) != 0) flags |= TableTree.NX;
            chain.Set(level, flags);
        }
    }
}
