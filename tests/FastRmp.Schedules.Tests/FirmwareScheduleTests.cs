using System.Collections.Generic;
using FastRmp.Tests.Firmware;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Rmp.Concurrency;
using Xunit;
using static FastRmp.Tests.Firmware.FirmwareCommand;

namespace FastRmp.Schedules.Tests;

/// <summary>
/// A command of the firmware beside any step of host or guest: each transition is atomic, and no instruction does what it could not do
/// before or after.
/// </summary>
public sealed class FirmwareScheduleTests
{
    private const ulong Gpa = 0x4000_0000;
    private const ulong F = ScheduledRegion.First;
    private const ulong L = ScheduledRegion.Last;

    private static readonly Dictionary<string, Step[]> Prefixes = new()
    {
        ["firmware"] = [Own(F)],
        ["firmwareBase"] = [Own(0), Assign(F, 1)],
        ["largeFirmware"] = [Update(0, Operands.Assign(0, 0, PageSize.Size2M, immutable: true))],
        ["context"] = [Own(F), Command(GctxCreate, F)],
        ["contextBase"] = [Own(0), Command(GctxCreate, 0)],
        ["metadata"] = [Own(L), Command(GctxCreate, L), Own(F), Command(MdInit, F, second: L), Own(0)],
        ["preGuest"] = [Assign(F, 1, immutable: true), Assign(L, 1, immutable: true)],
        ["preGuestBase"] = [Assign(0, 1, immutable: true), Assign(F, 1, immutable: true)],
        ["preSwap"] =
        [
            Assign(F, 1), Step.Guest(StepKind.Validate, F, Gpa + F), Assign(F, 1, immutable: true), Assign(L, 1, immutable: true),
        ],
        ["largePreGuest"] = [Update(0, Operands.Assign(Gpa, 1, PageSize.Size2M, immutable: true))],
        ["iommu"] =
        [
            new Step(StepKind.Poke, F, new RmpUpdateOperand(0x8002_0000_0000_1005, 0)),
            new Step(StepKind.Poke, 0, new RmpUpdateOperand(0x8, 0)),
        ],
        ["mutable"] = [Assign(F, 1)],
        ["empty"] = [],
        ["large"] = [Update(0, Operands.Assign(Gpa, 1, PageSize.Size2M))],
        ["pieces"] = Pieces(),
    };

    private static readonly Dictionary<string, Step[]> Commands = new()
    {
        ["firmware"] = [Command(GctxCreate, F), Command(PageReclaim, F)],
        ["firmwareBase"] = [Command(GctxCreate, 0), Command(PageReclaim, 0)],
        ["largeFirmware"] = [Command(PageReclaim, 0, PageSize.Size2M), Command(PageReclaim, F)],
        ["context"] = [Command(Decommission, F)],
        ["contextBase"] = [Command(Decommission, 0)],
        ["metadata"] = [Command(SwapOutMetadata, F, second: L), Command(PageReclaim, F), Command(MoveMetadata, F, second: L)],
        ["preGuest"] =
        [
            Command(LaunchUpdate, F), Command(SwapOut, F), Command(SwapIn, F, second: Gpa), Command(PageReclaim, F),
            Command(PageMove, F, second: L),
        ],
        ["preGuestBase"] =
        [
            Command(LaunchUpdate, 0), Command(SwapIn, 0, second: Gpa), Command(PageReclaim, 0), Command(PageMove, 0, second: F),
            Command(PageMove, F, second: 0),
        ],
        ["preSwap"] = [Command(SwapOut, F), Command(PageReclaim, F), Command(PageMove, F, second: L)],
        ["largePreGuest"] =
        [
            Command(LaunchUpdate, 0, PageSize.Size2M), Command(SwapOut, 0, PageSize.Size2M), Command(SwapIn, 0, PageSize.Size2M, Gpa),
            Command(PageReclaim, 0, PageSize.Size2M), Command(LaunchUpdate, F),
        ],
        ["iommu"] = [Command(Shutdown, 0), Command(PageReclaim, F)],
        ["mutable"] = [Command(PageReclaim, F), Command(GctxCreate, F), Command(LaunchUpdate, F), Command(Activate, 0)],
        ["empty"] =
        [
            Command(GctxCreate, F), Command(GctxCreate, 0), Command(LaunchUpdate, F), Command(PageReclaim, 0), Command(Activate, 0),
        ],
        ["large"] =
        [
            Command(PageReclaim, F), Command(PageReclaim, 0, PageSize.Size2M), Command(LaunchUpdate, 0, PageSize.Size2M),
            Command(GctxCreate, F), Command(PageUnsmash, 0),
        ],
        ["pieces"] = [Command(PageUnsmash, 0), Command(LaunchUpdate, F), Command(LaunchUpdate, 0)],
    };

    private static readonly Step[] Others =
    [
        Assign(0, 1), Assign(F, 1), Assign(F, 2, immutable: true), Own(F), Own(0), Release(0), Release(F), Release(L),
        Update(0, Operands.Assign(Gpa, 1, PageSize.Size2M)), Update(0, Operands.Assign(Gpa, 1, PageSize.Size2M, immutable: true)),
        Update(0, Operands.Release(PageSize.Size2M)), new(StepKind.Smash, 0),
        new(StepKind.Lookup, 0), new(StepKind.Lookup, F), new(StepKind.Lookup, L),
        new(StepKind.Access, 0, default, PageSize.Size4K), new(StepKind.Access, F, default, PageSize.Size4K),
        new(StepKind.Access, 0, default, PageSize.Size2M),
        Step.Guest(StepKind.Validate, F, Gpa + F), Step.Guest(StepKind.Validate, 0, Gpa),
        Step.Guest(StepKind.Validate, 0, Gpa, PageSize.Size2M),
        Step.Guest(StepKind.Adjust, F, Gpa + F, rdx: 0x1_0301), Step.Guest(StepKind.Adjust, 0, Gpa, PageSize.Size2M, 0x1_0301),
        Step.Guest(StepKind.Query, F, Gpa + F), Step.Guest(StepKind.Touch, F, Gpa + F), Step.Guest(StepKind.Touch, 0, Gpa, PageSize.Size2M),
        new(StepKind.Disclose, 0), new(StepKind.Disclose, F), new(StepKind.Enter, F), new(StepKind.Verify, 0),
    ];

    public static TheoryData<string> PrefixNames() => [.. Prefixes.Keys];

    [Theory]
    [MemberData(nameof(PrefixNames))]
    public void A_command_beside_any_step_is_linearizable(string prefix)
    {
        using ScheduledRegion region = new(2);
        int runs = 0;
        foreach (Step command in Commands[prefix])
        {
            foreach (Step other in Others)
            {
                runs += region.Explore(2, Prefixes[prefix], [command], [other]);
            }
        }

        Assert.True(runs > 100, $"{runs}");
    }

    [Fact]
    public void A_lookup_beside_pages_that_become_one_and_are_smashed_again()
    {
        using ScheduledRegion region = new(2);
        Step[] firmware = [Command(PageUnsmash, 0), Command(LaunchUpdate, 0, PageSize.Size2M), new Step(StepKind.Smash, 0)];
        region.Explore(2, Prefixes["pieces"], firmware, [new Step(StepKind.Lookup, F)]);
        region.Explore(2, Prefixes["pieces"], firmware, [Release(F)]);
    }

    [Fact]
    public void A_lookup_beside_a_page_that_is_launched_goes_and_comes_back()
    {
        using ScheduledRegion region = new(2);
        Step[] life = [Command(LaunchUpdate, F), Release(F), Assign(F, 1, immutable: true)];
        region.Explore(3, Prefixes["preGuest"], life, [new Step(StepKind.Lookup, F)]);
    }

    [Fact]
    public void A_lookup_beside_a_page_that_is_swapped_out_and_in_until_it_is_what_it_was()
    {
        using ScheduledRegion region = new(2);
        Step[] here = [Command(SwapIn, F, second: Gpa + 0x1000), Command(SwapOut, F)];
        Step[] there = [Command(SwapIn, F, second: Gpa + 0x2000), Command(SwapOut, F)];
        region.Explore(3, [.. Prefixes["preGuest"], .. here], [.. there, .. here], [new Step(StepKind.Lookup, F)]);
    }

    /// <summary>512 pages of one guest that fit together.</summary>
    private static Step[] Pieces()
    {
        Step[] steps = new Step[512];
        for (ulong i = 0; i < 512; i++)
        {
            steps[i] = Assign(i * 0x1000, 1, immutable: true);
        }

        return steps;
    }

    private static Step Command(FirmwareCommand command, ulong page, PageSize size = PageSize.Size4K, ulong second = 0) =>
        CommandStep.Of(command, page, size, second);

    private static Step Update(ulong page, RmpUpdateOperand operand) => new(StepKind.Update, page, operand);

    private static Step Own(ulong page) => Update(page, Operands.Assign(0, 0, immutable: true));

    private static Step Assign(ulong page, uint asid, bool immutable = false) =>
        Update(page, Operands.Assign(Gpa + page, asid, immutable: immutable));

    private static Step Release(ulong page) => Update(page, Operands.Release());
}
