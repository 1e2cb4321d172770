using FastRmp.Addressing;
using FastRmp.Rmp;

namespace FastRmp.Benchmarks.Data;

/// <summary>The library's side of an assign and release benchmark.</summary>
internal static unsafe class ManagedPairs
{
    internal static ulong Run(RmpWorkload rmp, ulong* pages, int pairs)
    {
        ReverseMapTable<ContiguousGeometry> table = rmp.Table;
        ExecutionState processor = ExecutionState.Host;
        ulong codes = 0;
        for (int i = 0; i < pairs; i++)
        {
            PhysicalAddress page = PhysicalAddress.CreateUnchecked(pages[i]);
            codes += (ulong)table.RmpUpdate(processor, page, *rmp.Assign).Status;
            codes += (ulong)table.RmpUpdate(processor, page, *rmp.Release).Status;
        }

        return codes;
    }
}
