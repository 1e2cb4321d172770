using System.Collections.Generic;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>
/// Which outcomes random operations have to come to before they prove anything: every code, fault and status of every operation.
/// </summary>
internal static class RequiredOutcomes
{
    private const int Ud = OutcomeCounts.Fault + (int)RmpFault.InvalidOpcode;
    private const int Gp = OutcomeCounts.Fault + (int)RmpFault.GeneralProtection;
    private const int Npf = OutcomeCounts.Fault + (int)RmpFault.NestedPageFault;
    private const int Vc = OutcomeCounts.Fault + (int)RmpFault.PageNotValidated;
    private const int Pf = OutcomeCounts.Fault;

    private const int NoPlatform = 0x1;
    private const int BadAddress = 0x9;
    private const int BadParam = 0x16;
    private const int BadSize = 0x19;
    private const int BadState = 0x1A;

    /// <summary>What also a short run has to come to.</summary>
    public static IEnumerable<(OperationKind Kind, int[] Outcomes)> Least { get; } =
    [
        (OperationKind.Update, [0, 1, 2, 3, 4]),
        (OperationKind.Smash, [0, 1, 7]),
        (OperationKind.Validate, [0, OutcomeCounts.CarryFlag, Npf]),
        (OperationKind.Adjust, [0, Npf, Vc]),
        (OperationKind.Guest, [0, Npf, Vc]),
        (OperationKind.Host, [0, Pf]),
        (OperationKind.PageMove, [0]),
        (OperationKind.SwapIn, [0]),
        (OperationKind.PageUnsmash, [0]),
    ];

    /// <summary>The outcomes of the small alphabet under any choices.</summary>
    public static IEnumerable<(OperationKind Kind, int[] Outcomes)> SmallOf(ProcessorModel processor)
    {
        foreach ((OperationKind Kind, int[] Outcomes) row in Small)
        {
            yield return row;
        }

        // The state space of a processor with RMPOPT has no temporary contexts.
        foreach ((OperationKind Kind, int[] Outcomes) row in SmallWithTemporaryContexts)
        {
            if (!processor.HasRmpOpt) yield return row;
        }

        yield return (OperationKind.Query, processor.HasRmpQuery ? [0, Npf, Vc] : [Ud]);
    }

    private static IEnumerable<(OperationKind Kind, int[] Outcomes)> Small { get; } =
    [
        (OperationKind.Update, [0, 2, 3, 4]),
        (OperationKind.Smash, [0, 3, 7]),
        (OperationKind.Validate, [0, OutcomeCounts.CarryFlag, Npf]),
        (OperationKind.Adjust, [0, 2, Npf, Vc]),
        (OperationKind.Guest, [0, Npf, Vc]),
        (OperationKind.Host, [0, Pf]),
        (OperationKind.VmRun, [0, 2]),
        (OperationKind.State, [2, 4, 6, 7, 9, 10, 11, 12]),
        (OperationKind.PageUnsmash, [0, BadState]),
        (OperationKind.MdInit, [0, 0x10, BadState]),
    ];

    // Both ends of a move are pieces there, whose own entries are of 4 KiB whatever the region is.
    private static IEnumerable<(OperationKind Kind, int[] Outcomes)> SmallWithTemporaryContexts { get; } =
    [
        (OperationKind.LaunchUpdate, [0, BadSize, BadState]),
        (OperationKind.SwapIn, [0, BadState]),
        (OperationKind.PageMove, [0, BadState, 0x1C]),
    ];

    private static IEnumerable<(OperationKind Kind, int[] Outcomes)> Full { get; } =
    [
        (OperationKind.Update, [0, 1, 2, 3, 4, Ud, Gp]),
        (OperationKind.Smash, [0, 1, 2, 3, 7, Ud, Gp]),
        (OperationKind.Validate, [0, 1, 6, OutcomeCounts.CarryFlag, Ud, Gp, Npf]),
        (OperationKind.Adjust, [0, 1, 2, 6, Ud, Gp, Npf, Vc]),
        (OperationKind.Host, [0, Pf]),
        (OperationKind.Guest, [0, Npf, Vc]),
        (OperationKind.Device, [0, 1]),
        (OperationKind.IommuLog, [0, 1]),
        (OperationKind.FirmwareBuffer, [0, 1]),
        (OperationKind.VmRun, [0, 1, 2]),
        (OperationKind.InUse, [0, 1]),
        (OperationKind.State, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        (OperationKind.GctxCreate, [0, NoPlatform, BadParam, BadState]),
        (OperationKind.Decommission, [0, NoPlatform, BadParam, 0x10]),
        (OperationKind.Activate, [0, NoPlatform, 0x3, 0xD, 0x10]),
        (OperationKind.LaunchUpdate, [0, NoPlatform, BadParam, BadSize, BadState]),
        (OperationKind.SwapOut, [0, NoPlatform, BadParam, BadSize, BadState]),
        (OperationKind.SwapIn, [0, NoPlatform, BadParam, BadSize, BadState]),
        (OperationKind.SwapInMetadata, [0, NoPlatform, BadParam, 0x10, BadState]),
        (OperationKind.PageMove, [0, NoPlatform, BadParam, BadSize, BadState, 0x1C]),
        (OperationKind.MdInit, [0, NoPlatform, BadParam, 0x10, BadState]),
        (OperationKind.PageSetState, [0, NoPlatform, BadParam, BadState]),
        (OperationKind.PageReclaim, [0, NoPlatform, BadAddress, BadParam, BadSize, BadState]),
        (OperationKind.PageUnsmash, [0, NoPlatform, BadParam, BadState]),
        (OperationKind.Shutdown, [0]),
        (OperationKind.SnpInit, [0]),
        (OperationKind.Poke, [1, 2, 3, 4, 5, 6]),
    ];

    public static IEnumerable<(OperationKind Kind, int[] Outcomes)> Of(ProcessorModel processor, bool segmented)
    {
        foreach ((OperationKind Kind, int[] Outcomes) row in Full)
        {
            yield return row;
        }

        yield return (OperationKind.Query, processor.HasRmpQuery ? [0, 2, Ud, Gp, Npf, Vc] : [Ud]);
        yield return (OperationKind.Read, processor.HasRmpRead ? [0, 1, 2, Ud, Gp] : [Ud]);
        if (processor.HasRmpOpt) yield return (OperationKind.Opt, segmented ? [0, OutcomeCounts.CarryFlag, Ud] : [Ud]);
    }
}
