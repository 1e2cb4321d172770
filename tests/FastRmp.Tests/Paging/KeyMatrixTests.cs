using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>
/// Every right of a key in PKRU and in PKRS, on and off, with every kind of page, state and access, against the reference.
/// </summary>
public sealed class KeyMatrixTests
{
    private const int KeyShift = 59;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Keys_forbid_what_they_forbid_in_the_reference(int leafLevel)
    {
        WalkChain chain = new(4, leafLevel);
        for (int level = 4; level > leafLevel; level--)
        {
            chain.Set(level, TableTree.P | TableTree.W | TableTree.U | (9UL << KeyShift)); // a key of a table is none
        }

        int keyFaults = 0;
        int others = 0;
        for (int rights = 0; rights < 256; rights++)
        {
            foreach (int key in new[] { 0, 1, 7, 15 })
            {
                for (int state = 0; state < 12; state++)
                {
                    PagingSetup setup = Setup(rights, key, state);
                    (int byKey, int byRights) = Pages(chain, setup, leafLevel, key);
                    keyFaults += byKey;
                    others += byRights;
                }
            }
        }

        Assert.True(keyFaults > 50_000 && others > 50_000, $"{keyFaults} by keys, {others} by other rights");
    }

    [Fact]
    public void All_keys_are_distinguished()
    {
        WalkChain chain = new(5, 1);
        for (int level = 5; level > 1; level--)
        {
            chain.Set(level, TableTree.P | TableTree.W | TableTree.U);
        }

        for (int key = 0; key < 16; key++)
        {
            for (int register = 0; register < 32; register++)
            {
                PagingSetup setup = new() { Cr3 = WalkChain.Root, Levels = 5, Pkru = 1U << register, Pkrs = 1U << (31 - register) };
                _ = Pages(chain, setup, 1, key);
            }
        }
    }

    // Eight bits: AD and WD of the key in PKRU and PKRS, both registers in force or not, the other keys forbidden or not.
    private static PagingSetup Setup(int rights, int key, int state)
    {
        uint user = Register(rights & 3, key, (rights & 64) != 0);
        uint supervisor = Register((rights >> 2) & 3, key, (rights & 128) != 0);
        return new PagingSetup
        {
            Cr3 = WalkChain.Root,
            Pkru = (rights & 16) != 0 ? user : null,
            Pkrs = (rights & 32) != 0 ? supervisor : null,
            WriteProtect = state % 2 == 0,
            NoExecute = state % 4 < 2,
            Smap = state >= 4,
            Ac = state >= 8,
        };
    }

    private static uint Register(int rights, int key, bool othersForbidden)
    {
        uint own = 3U << (2 * key);
        return ((uint)rights << (2 * key)) | (othersForbidden ? ~own : 0);
    }

    private static (int ByKey, int ByRights) Pages(WalkChain chain, PagingSetup setup, int leafLevel, int key)
    {
        PagingState state = setup.State;
        ReferenceWalker reference = new(setup.Reference, chain.Memory.Read);
        int byKey = 0;
        int byRights = 0;
        for (int page = 0; page < 4; page++)
        {
            chain.Set(
                leafLevel,
                TableTree.P | ((page & 1) != 0 ? TableTree.W : 0) | ((page & 2) != 0 ? TableTree.U : 0) | ((ulong)key << KeyShift));
            foreach (ReferenceAccess access in WalkComparison.AllAccesses(WalkChain.Va))
            {
                WalkResult result = WalkComparison.Judge(chain.Memory, setup, state, reference, access);
                if (result.Status != WalkStatus.RightsViolation) continue;
                if ((result.ErrorCode & 0x20) != 0) byKey++;
                else byRights++;
            }
        }

        return (byKey, byRights);
    }
}
