using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>RMPREAD (rmp 2.4, 4.8).</content>
public sealed partial class ReferenceRmp
{
    /// <summary>Executes RMPREAD: the page's own entry, as far as it is disclosed.</summary>
    /// <param name="execution">The state of the processor.</param>
    /// <param name="spa">RAX.</param>
    /// <returns>Fault or code, and the fields.</returns>
    public ReferenceReadResult ReadEntry(ReferenceExecution execution, ulong spa)
    {
        ArgumentNullException.ThrowIfNull(execution);
        if (!_processor.HasRmpRead) return new() { Result = ReferenceResult.Faulted(ReferenceFault.InvalidOpcode) };
        ReferenceFault fault = FaultOf(execution);
        if (fault != ReferenceFault.None) return new() { Result = ReferenceResult.Faulted(fault) };
        if (execution.CurrentAsid != 0) return new() { Result = ReferenceResult.Of(ReferenceCode.FailPermission) };
        if (spa % PageBytes != 0 || !Geometry.IsCovered(spa)) return new() { Result = ReferenceResult.Of(ReferenceCode.FailInput) };

        ReferenceEntry entry = Peek(spa);
        return new ReferenceReadResult
        {
            Result = ReferenceResult.Of(ReferenceCode.Success),
            Gpa = entry.Gpa,
            Assigned = entry.Assigned,
            Large = entry.Large,
            RegionStatus = spa % RegionBytes == 0 && (entry.Large || entry.SubpageCount != 0),
            Immutable = entry.Immutable,
            Asid = entry.IsInUseVmsa && _choices.ReadShowsOwnerOfVmsa
                ? _realAsids.GetValueOrDefault(spa / PageBytes, entry.Asid)
                : entry.Asid,
        };
    }
}
