using System;

namespace FastRmp.Reference;

/// <content>PSMASH (rmp 4.4).</content>
public sealed partial class ReferenceRmp
{
    /// <summary>Executes PSMASH: one 2 MiB page becomes 512 pages of 4 KiB of the same owner.</summary>
    /// <param name="execution">The state of the processor that executes it.</param>
    /// <param name="spa">RAX: the system physical address of the 2 MiB page.</param>
    /// <returns>The code or the fault; anything but success changed nothing.</returns>
    public ReferenceResult PSmash(ReferenceExecution execution, ulong spa)
    {
        ArgumentNullException.ThrowIfNull(execution);
        ReferenceFault fault = FaultOf(execution);
        if (fault != ReferenceFault.None) return ReferenceResult.Faulted(fault);

        ReferenceCode code = execution.CurrentAsid != 0 ? ReferenceCode.FailPermission : PSmashOnHost(spa);
        return ReferenceResult.Of(code);
    }

    private ReferenceCode PSmashOnHost(ulong spa)
    {
        if (spa % RegionBytes != 0 || !Geometry.IsCovered(spa)) return ReferenceCode.FailInput;

        ReferenceEntry[] region = Region(spa);
        ReferenceEntry first = region[0];
        if (!first.Large || !first.Assigned) return ReferenceCode.FailBadAddress;
        if (first.Immutable) return _choices.SmashImmutableCode;

        // PSMASH knows FAIL_INUSE only: the choice of the contention code is RMPUPDATE's (rmp 4.2, 5.1).
        if (first.Lock || first.Asid == ReferenceEntry.LockAsid || InUseCount(spa) > 0) return ReferenceCode.FailInUse;

        // One page becomes 512, which only a counter that counted it as one can notice (rmp 1.5).
        if (_choices.CountLargePageAsOne) Count(first.Asid, PagesPerRegion - 1);

        ulong largeGpa = first.Gpa;
        first.Large = false;
        first.SubpageCount = 0;
        for (int i = 1; i < PagesPerRegion; i++)
        {
            region[i].CopyFrom(first);
            region[i].Gpa = (largeGpa + ((ulong)i * PageBytes)) & ReferenceEntry.GpaField & _processor.GpaMask;
        }

        first.SubpageCount = PagesPerRegion - 1;
        return ReferenceCode.Success;
    }
}
