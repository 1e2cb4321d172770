namespace FastRmp.Benchmarks.Data;

/// <summary>The library's side of an assign and release benchmark.</summary>
internal static unsafe class ManagedPairs
{
    internal static ulong Run<TGeometry>(RmpWorkload<TGeometry> rmp, ulong* pages, int pairs)
        where TGeometry : struct, IRmpGeometry => Run(rmp.Table, rmp.Assign, rmp.Release, pages, pairs);

    internal static ulong Run<TGeometry>(
        ReverseMapTable<TGeometry> table, RmpUpdateOperand* assign, RmpUpdateOperand* release, ulong* pages, int pairs)
        where TGeometry : struct, IRmpGeometry
    {
        ExecutionState processor = ExecutionState.Host;
        ulong codes = 0;
        for (int i = 0; i < pairs; i++)
        {
            PhysicalAddress page = PhysicalAddress.CreateUnchecked(pages[i]);
            codes += (ulong)table.RmpUpdate(processor, page, *assign).Status;
            codes += (ulong)table.RmpUpdate(processor, page, *release).Status;
        }

        return codes;
    }
}
