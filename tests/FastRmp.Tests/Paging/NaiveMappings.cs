using System.Collections.Generic;
using FastRmp.Paging;

namespace FastRmp.Tests.Paging;

/// <summary>The leaves of a tree by plain recursion over every index of every table.</summary>
internal sealed class NaiveMappings(WalkMemory memory, int levels, bool nxe, ulong first, ulong last)
{
    internal List<Mapping> Found { get; } = [];

    internal long AbsentTables { get; private set; }

    internal ulong FirstAbsent { get; private set; }

    internal NaiveMappings List(ulong root)
    {
        Visit(root, levels, 0, w: true, u: true, nx: false);
        return this;
    }

    private void Visit(ulong table, int level, ulong above, bool w, bool u, bool nx)
    {
        ulong bytes = 1UL << (3 + (9 * level));
        for (ulong i = 0; i < 512; i++)
        {
            ulong start = above + (i * bytes);
            if (start > last || start + bytes - 1 < first) continue;
            if (memory.Read(table + (8 * i)) is not { } entry)
            {
                if (AbsentTables++ == 0) FirstAbsent = table + (8 * i);
                return;
            }

            if ((entry & TableTree.P) == 0) continue;
            bool allW = w && (entry & TableTree.W) != 0;
            bool allU = u && (entry & TableTree.U) != 0;
            bool anyNx = nx || (entry & TableTree.NX) != 0;
            if (level == 1 || (level <= 3 && (entry & TableTree.PS) != 0))
            {
                PagingRights rights = (allW ? PagingRights.Write : 0) | (allU ? PagingRights.User : 0)
                    | (anyNx && nxe ? 0 : PagingRights.Execute);
                int spare = levels == 5 ? 7 : 16;
                VirtualAddress va = new((ulong)((long)(start << spare) >> spare));
                PhysicalAddress pa = PhysicalAddress.Create(entry & TableTree.AddressField & ~(bytes - 1));
                Found.Add(new Mapping(va, pa, new PagingEntry(entry), (PageSize)(level - 1), rights));
            }
            else
            {
                Visit(entry & TableTree.AddressField, level - 1, start, allW, allU, anyNx);
            }
        }
    }
}
