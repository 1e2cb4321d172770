using System.Collections.Generic;
using System.Linq;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Rmp.Concurrency;
using Xunit;

namespace FastRmp.Schedules.Tests;

public sealed class ScheduleTests
{
    private const ulong Gpa = 0x4000_0000;
    private const int RandomRounds = 20;

    private static readonly Step AssignBase = Assign(0, 1);
    private static readonly Step AssignFirst = Assign(ScheduledRegion.First, 1);
    private static readonly Step AssignLast = Assign(ScheduledRegion.Last, 1);
    private static readonly Step ReleaseBase = Release(0);
    private static readonly Step ReleaseFirst = Release(ScheduledRegion.First);
    private static readonly Step ReleaseLast = Release(ScheduledRegion.Last);
    private static readonly Step AssignLarge = new(StepKind.Update, 0, Operands.Assign(Gpa, 1, PageSize.Size2M));
    private static readonly Step OtherLarge = new(StepKind.Update, 0, Operands.Assign(Gpa, 2, PageSize.Size2M));
    private static readonly Step ReleaseLarge = new(StepKind.Update, 0, Operands.Release(PageSize.Size2M));
    private static readonly Step Smash = new(StepKind.Smash, 0);

    private static readonly Step Validate = Step.Guest(StepKind.Validate, ScheduledRegion.First, Gpa + ScheduledRegion.First);
    private static readonly Step ValidateLarge = Step.Guest(StepKind.Validate, 0, Gpa, PageSize.Size2M);

    private static readonly Step MakeSaveArea = Step.Guest(
        StepKind.Adjust, ScheduledRegion.First, Gpa + ScheduledRegion.First, rdx: 0x1_0301);
    private static readonly Step EnterSaveArea = Step.Guest(StepKind.EnterVmsa, ScheduledRegion.First, Gpa + ScheduledRegion.First);
    private static readonly Step EnterBase = Step.Guest(StepKind.EnterVmsa, 0, Gpa);

    private static readonly Dictionary<string, Step[]> Prefixes = new()
    {
        ["empty"] = [],
        ["first"] = [AssignFirst],
        ["base"] = [AssignBase],
        ["both"] = [AssignFirst, AssignLast],
        ["large"] = [AssignLarge],
        ["smashed"] = [AssignLarge, Smash],
        ["validated"] = [AssignFirst, Validate, AssignBase, Step.Guest(StepKind.Validate, 0, Gpa)],
        ["largeValidated"] = [AssignLarge, ValidateLarge],
        ["saveArea"] = [AssignFirst, Validate, MakeSaveArea],
        ["running"] = [AssignFirst, Validate, MakeSaveArea, EnterSaveArea],
        ["runningLarge"] = [AssignLarge, ValidateLarge, Step.Guest(StepKind.Adjust, 0, Gpa, PageSize.Size2M, 0x1_0301), EnterBase],
        ["runningTwice"] =
        [
            AssignBase, Step.Guest(StepKind.Validate, 0, Gpa), Step.Guest(StepKind.Adjust, 0, Gpa, rdx: 0x1_0301), EnterBase, EnterBase,
        ],
        ["fixed"] = [new Step(StepKind.Poke, ScheduledRegion.First, new RmpUpdateOperand(0x4, 0))],
    };

    private static readonly Step[] Alphabet =
    [
        AssignBase, AssignFirst, AssignLast, ReleaseBase, ReleaseFirst, ReleaseLast, AssignLarge, OtherLarge, ReleaseLarge, Smash,
        new(StepKind.Update, ScheduledRegion.First, Operands.Assign(Gpa, 2)),
        new(StepKind.Update, ScheduledRegion.First, Operands.Assign(Gpa, 1, immutable: true)),
        new(StepKind.Lookup, 0), new(StepKind.Lookup, ScheduledRegion.First),
        new(StepKind.Access, 0, default, PageSize.Size4K), new(StepKind.Access, ScheduledRegion.First, default, PageSize.Size4K),
        new(StepKind.Access, 0, default, PageSize.Size2M),
    ];

    /// <summary>What was added to the alphabet: each of these is run beside every step, of the host's and its own.</summary>
    private static readonly Step[] Guests =
    [
        Validate, ValidateLarge, Step.Guest(StepKind.Validate, 0, Gpa),
        Step.Guest(StepKind.Rescind, ScheduledRegion.First, Gpa + ScheduledRegion.First),
        Step.Guest(StepKind.Adjust, ScheduledRegion.First, Gpa + ScheduledRegion.First, rdx: 0x1_0301),
        Step.Guest(StepKind.Adjust, 0, Gpa, PageSize.Size2M, 0x1_0301),
        Step.Guest(StepKind.Query, ScheduledRegion.First, Gpa + ScheduledRegion.First),
        Step.Guest(StepKind.Touch, ScheduledRegion.First, Gpa + ScheduledRegion.First),
        Step.Guest(StepKind.Touch, 0, Gpa, PageSize.Size2M), new(StepKind.Disclose, 0), new(StepKind.Disclose, ScheduledRegion.First),
        new(StepKind.Enter, ScheduledRegion.First), EnterSaveArea, EnterBase, new(StepKind.Leave, ScheduledRegion.First),
        new(StepKind.Leave, 0),
        new(StepKind.Verify, 0), new(StepKind.Report, 0),
    ];

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 8)];

    public static TheoryData<string> PrefixNames()
    {
        TheoryData<string> names = [];
        foreach (string name in Prefixes.Keys)
        {
            names.Add(name);
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(PrefixNames))]
    public void Any_two_steps_are_linearizable(string prefix)
    {
        using ScheduledRegion region = new(2);
        int runs = 0;
        for (int i = 0; i < Alphabet.Length; i++)
        {
            for (int j = i; j < Alphabet.Length; j++)
            {
                runs += region.Explore(2, Prefixes[prefix], [Alphabet[i]], [Alphabet[j]]);
            }
        }

        Assert.True(runs > 1000, $"{runs}");
    }

    [Theory]
    [MemberData(nameof(PrefixNames))]
    public void Any_step_beside_one_of_a_guest_is_linearizable(string prefix)
    {
        using ScheduledRegion region = new(2);
        int runs = 0;
        foreach (Step guest in Guests)
        {
            foreach (Step other in (Step[])[.. Alphabet, .. Guests])
            {
                runs += region.Explore(2, Prefixes[prefix], [guest], [other]);
            }
        }

        Assert.True(runs > 1000, $"{runs}");
    }

    [Fact]
    public void The_last_VMEXIT_beside_a_guest_and_another_VMRUN_leaves_no_mark_set()
    {
        using ScheduledRegion region = new(3);
        Step leave = new(StepKind.Leave, ScheduledRegion.First);
        region.Explore(3, [AssignFirst, Validate, MakeSaveArea, EnterSaveArea], [leave], [MakeSaveArea], [EnterSaveArea, leave]);
    }

    [Theory]
    [InlineData("running", ScheduledRegion.First)]
    [InlineData("runningLarge", 0UL)]
    public void No_reader_finds_the_mark_of_a_use_that_was_seen_to_have_ended(string prefix, ulong page)
    {
        using ScheduledRegion region = new(2);
        using ScheduledRegion three = new(3);
        Step leave = new(StepKind.Leave, page);
        Step touch = Step.Guest(StepKind.Validate, page, Gpa + page, page == 0 ? PageSize.Size2M : PageSize.Size4K);
        Step[] observers =
        [
            new(StepKind.Disclose, page), new(StepKind.Lookup, page), new(StepKind.Update, page, Operands.Release()), ReleaseLarge, Smash,
            page == 0 ? EnterBase : EnterSaveArea, touch, new(StepKind.Enter, page),
            Step.Guest(StepKind.Touch, page, Gpa + page, touch.Mapping),
            Step.Guest(StepKind.Query, page, Gpa + page, touch.Mapping),
        ];
        int runs = 0;
        foreach (Step observer in observers)
        {
            runs += region.Explore(3, Prefixes[prefix], [leave], [leave, observer]);
            runs += three.Explore(2, Prefixes[prefix], [leave], [touch], [leave, observer]);
        }

        Assert.True(runs > 1000, $"{runs}");
    }

    [Fact]
    public void A_lookup_beside_a_page_that_goes_and_comes_back()
    {
        using ScheduledRegion region = new(2);
        region.Explore(3, [AssignFirst], [new Step(StepKind.Lookup, ScheduledRegion.First)], [ReleaseFirst, AssignFirst]);
    }

    [Fact]
    public void A_lookup_beside_a_region_that_comes_and_goes()
    {
        using ScheduledRegion region = new(2);
        region.Explore(3, [], [new Step(StepKind.Lookup, ScheduledRegion.First)], [AssignLarge, ReleaseLarge]);
    }

    [Fact]
    public void Locks_that_a_large_instruction_overwrites() => Assert.Null(OverwrittenLocks.Explore());

    [Fact]
    public void A_large_update_beside_pages_that_take_turns()
    {
        // One page goes while another comes: the count is back where it was, though at the moment in between nothing was assigned.
        using ScheduledRegion region = new(3, ContentionCode.FailOverlap);
        Step[] large = [new Step(StepKind.Access, ScheduledRegion.Last), AssignLarge, new Step(StepKind.Access, ScheduledRegion.First)];
        region.Explore(3, [AssignLast], [ReleaseLast], large, [AssignFirst]);
    }

    [Fact]
    public void A_large_update_beside_a_page_that_is_released_and_a_use_that_ends()
    {
        // A use comes before overlap. The page goes before the use does: at no moment there is a page in the way, and no use.
        using ScheduledRegion region = new(2);
        Step[] others = [ReleaseBase, new Step(StepKind.Leave, ScheduledRegion.First), AssignBase];
        region.Explore(3, [AssignBase, new Step(StepKind.Enter, ScheduledRegion.First)], [AssignLarge], others);
        region.Explore(3, [AssignBase, new Step(StepKind.Enter, ScheduledRegion.First)], [ReleaseLarge], others);
    }

    [Fact]
    public void A_large_update_beside_a_page_that_is_assigned_while_uses_take_turns()
    {
        // The uses are looked at one by one: each may be the one that has just ended, or has not begun yet.
        using ScheduledRegion region = new(3, ContentionCode.FailOverlap);
        Step enterFirst = new(StepKind.Enter, ScheduledRegion.First);
        Step enterLast = new(StepKind.Enter, ScheduledRegion.Last);
        region.Explore(3, [AssignBase, enterLast], [AssignLarge], [enterFirst, new Step(StepKind.Leave, ScheduledRegion.Last)]);
        region.Explore(3, [AssignBase, enterFirst], [AssignLarge], [enterLast, new Step(StepKind.Leave, ScheduledRegion.First)]);
        region.Explore(2, [AssignFirst], [AssignLarge], [ReleaseFirst, enterLast], [AssignBase]);
        region.Explore(3, [], [AssignLarge], [enterLast, AssignFirst]);
    }

    [Theory]
    [InlineData(PageSize.Size4K)]
    [InlineData(PageSize.Size2M)]
    public void A_write_beside_uses_and_updates_that_take_turns(PageSize mapping)
    {
        using ScheduledRegion region = new(2);
        ulong page = ScheduledRegion.First;
        Step write = new(StepKind.Access, page, default, mapping);
        Step enter = new(StepKind.Enter, page);
        Step leave = new(StepKind.Leave, page);
        region.Explore(3, [enter], [write], [AssignLast, leave]);
        region.Explore(3, [enter], [write], [leave, AssignFirst]);
        region.Explore(3, [AssignFirst], [write], [ReleaseFirst, enter]);
        region.Explore(3, [AssignLast], [write], [enter, ReleaseLast]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Short_programs_are_linearizable(int seed)
    {
        RandomPrograms random = new(seed);
        using ScheduledRegion region = new(2, seed % 2 == 0 ? ContentionCode.FailInUse : ContentionCode.FailOverlap);
        for (int i = 0; i < RandomRounds; i++)
        {
            region.Explore(2, [.. random.Prefix()], [.. random.Program(2)], [.. random.Program(2)]);
        }
    }

    private static Step Assign(ulong page, uint asid) => new(StepKind.Update, page, Operands.Assign(Gpa + page, asid));

    private static Step Release(ulong page) => new(StepKind.Update, page, Operands.Release());
}
