using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>
/// Absent, malformed, marked and large entries at every level at once: which of them is reported, and which marks are set before.
/// </summary>
public sealed class FaultOrderTests
{
    private const ulong Good = TableTree.P | TableTree.W | TableTree.U;

    // Kinds of entries. What stands above an absent or malformed entry is used; what stands below is not looked at.
    private static readonly ulong[] Kinds =
    [
        Good,
        Good | TableTree.A,
        Good | TableTree.A | TableTree.D,
        Good | TableTree.PS,
        Good | (1UL << 8),
        Good | TableTree.NX,
        Good | (1UL << 51),
        TableTree.P | TableTree.NX,
        TableTree.P | (1UL << 45),
        ~TableTree.P & 0x8FFF_0000_0000_0FFEUL,
        0,
    ];

    [Theory]
    [InlineData(4, true)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void The_topmost_refusing_entry_is_reported_in_place_of_those_below(int levels, bool amd)
    {
        int[] choice = new int[levels];
        WalkChain chain = new(levels, 0);
        int[] outcomes = new int[8];
        ReferenceAccess[] accesses = WalkComparison.AllAccesses(WalkChain.Va);
        for (int mode = 0; mode < (levels == 5 ? 1 : 8); mode++)
        {
            PagingSetup setup = new()
            {
                Cr3 = WalkChain.Root | 0xFFF,
                Levels = levels,
                Width = 45,
                NoExecute = (mode & 1) == 0,
                Smep = (mode & 2) == 0,
                HasGigabytePages = (mode & 4) == 0,
                ReservesUpperBit8 = amd,
                TellsFetchWithSmep = !amd,
            };
            PagingState state = setup.State;
            ReferenceWalker reference = new(setup.Reference, chain.Memory.Read);
            do
            {
                for (int level = 1; level <= levels; level++)
                {
                    chain.Set(level, Kinds[choice[level - 1]]);
                }

                foreach (ReferenceAccess access in accesses)
                {
                    outcomes[(int)WalkComparison.Judge(chain.Memory, setup, state, reference, access).Status]++;
                }
            }
            while (Advance(choice));
        }

        foreach (WalkStatus status in new[]
        {
            WalkStatus.Mapped, WalkStatus.NotPresent, WalkStatus.MalformedEntry, WalkStatus.RightsViolation,
        })
        {
            Assert.True(outcomes[(int)status] > 1000, $"{status}: {outcomes[(int)status]}");
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Addresses_that_are_not_canonical_fault_before_any_entry_is_read(int levels)
    {
        WalkChain chain = new(levels, 1);
        for (int level = 1; level <= levels; level++)
        {
            chain.Set(level, Good);
        }

        PagingSetup setup = new() { Cr3 = WalkChain.Root, Levels = levels };
        PagingState state = setup.State;
        ReferenceWalker reference = new(setup.Reference, chain.Memory.Read);
        int refused = 0;
        for (ulong top = 0; top < 1 << 17; top++)
        {
            ulong va = (top << 47) | (WalkChain.Va & 0x7FFF_FFFF_FFFFUL);
            WalkResult result = WalkComparison.Judge(
                chain.Memory, setup, state, reference, new ReferenceAccess(va, ReferenceAccessKind.Read, User: true));
            if (result.Status == WalkStatus.NonCanonical) refused++;
        }

        Assert.Equal(levels == 4 ? (1 << 17) - 2 : (1 << 17) - 1024, refused);
    }

    private static bool Advance(int[] choice)
    {
        for (int i = 0; i < choice.Length; i++)
        {
            if (++choice[i] < Kinds.Length) return true;
            choice[i] = 0;
        }

        return false;
    }
}
