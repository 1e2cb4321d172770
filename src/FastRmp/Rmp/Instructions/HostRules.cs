using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>The conditions for the execution of the host's instructions.</summary>
internal static class HostRules
{
    /// <summary>The tests that come before everything else in the host's instructions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MayExecute(in ExecutionState processor) => processor.IsHostKernel;

    /// <summary>What the instruction ends with if it may not execute.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static RmpResult Refusal(in ExecutionState processor) =>
        !processor.Is64BitMode || !processor.SnpEnabled ? RmpResult.InvalidOpcode
        : processor.Cpl != 0 ? RmpResult.GeneralProtection
        : RmpResult.Fail(RmpStatus.FailPermission);
}
