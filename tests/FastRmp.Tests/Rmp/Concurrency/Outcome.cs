namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>What came of a step: the fields that its kind fills.</summary>
/// <param name="Result">Of a host's instruction.</param>
/// <param name="IsOwned">Whether an access, a check or a verification passed.</param>
/// <param name="Lookup">Of a lookup.</param>
/// <param name="Guest">Of a guest's instruction or access.</param>
/// <param name="Answer">What RMPQUERY or RMPREAD returned, as one number.</param>
/// <param name="VmRun">Of VMRUN's check.</param>
/// <param name="IsContention">Whether a verification met an entry that was held.</param>
internal readonly record struct Outcome(
    RmpResult Result = default, bool IsOwned = false, RmpLookup Lookup = default, GuestResult Guest = default, ulong Answer = 0,
    VmRunResult VmRun = default, bool IsContention = false)
{
    /// <summary>Whether the outcome is one that an operation without effect may have while another runs.</summary>
    public bool IsExcusable(StepKind kind) => kind switch
    {
        StepKind.Access => !IsOwned,
        StepKind.Enter or StepKind.EnterVmsa => VmRun == VmRunResult.Contended,
        StepKind.Verify => IsContention,
        StepKind.Lookup => !Lookup.IsSettled,
        StepKind.Validate or StepKind.Rescind or StepKind.Adjust or StepKind.Query or StepKind.Touch => Guest.IsContention,
        _ => Result.IsContention,
    };

    public string Describe(StepKind kind) => kind switch
    {
        StepKind.Access or StepKind.Enter or StepKind.EnterVmsa or StepKind.Leave or StepKind.Verify or StepKind.Report =>
            $"{(IsOwned ? "ok" : "no")} {VmRun}{(IsContention ? " (contention)" : string.Empty)}",
        StepKind.Lookup => $"0x{Lookup.Entry.Low:x16} 0x{Lookup.Entry.High:x} {Lookup.Size} settled {Lookup.IsSettled}",
        StepKind.Validate or StepKind.Rescind or StepKind.Adjust or StepKind.Query or StepKind.Touch =>
            $"{Guest} CF {Guest.CarryFlag} 0x{Answer:x}{(Guest.IsContention ? " (contention)" : string.Empty)}",
        _ => $"{Result} 0x{Answer:x}{(Result.IsContention ? " (contention)" : string.Empty)}",
    };
}
