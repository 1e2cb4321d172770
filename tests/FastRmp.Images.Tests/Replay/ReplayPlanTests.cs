using System.Globalization;
using Xunit;

namespace FastRmp.Images.Tests.Replay;

public class ReplayPlanTests
{
    [Fact]
    public void Without_a_listing_RAM_goes_up_to_the_last_page_of_the_highest_block_rounded_up_to_2_MiB()
    {
        using PageTrace trace = new TraceText().Write(10).Free(512 * 3, 9).Read();
        ReplayPlan plan = ReplayPlan.Create(trace, new ReplayOptions());
        Assert.Equal([Replays.Range(0, 8 * Replays.MiB)], plan.Ram.ToArray());
        Assert.Equal(8 * Replays.MiB, plan.RamBytes);
    }

    [Fact]
    public void One_page_more_takes_another_2_MiB()
    {
        using PageTrace trace = new TraceText().Write(512 * 4).Read();
        Assert.Equal(10 * Replays.MiB, ReplayPlan.Create(trace, new ReplayOptions()).RamBytes);
    }

    [Fact]
    public void Failed_allocations_are_no_pages_of_RAM()
    {
        using PageTrace trace = new TraceText().Fail().Read();
        Assert.Equal(2 * Replays.MiB, ReplayPlan.Create(trace, new ReplayOptions()).RamBytes);
    }

    [Fact]
    public void Parts_of_pages_at_the_ends_of_a_range_are_no_RAM()
    {
        using PageTrace trace = new TraceText().Write(1).Read();
        ReplayPlan plan = ReplayPlan.Create(trace, [Replays.Range(0x1234, 0x2000), Replays.Range(0x9FC00, 0x400)], new ReplayOptions());
        Assert.Equal([Replays.Range(0x2000, 0x1000)], plan.Ram.ToArray());
    }

    [Fact]
    public void RAM_without_a_whole_page_is_refused()
    {
        using PageTrace trace = new TraceText().Write(1).Read();
        MalformedInputException refusal = Assert.Throws<MalformedInputException>(
            () => ReplayPlan.Create(trace, [Replays.Range(0x800, 0x1000)], new ReplayOptions()));
        Assert.Contains("no whole page of System RAM", refusal.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Guests_are_numbered_in_the_order_of_their_first_guest_allocation_in_RAM()
    {
        using PageTrace trace = new TraceText()
            .Allocate(1, 0, "busybox-vm9", 0) // not movable
            .Free(2, 0, "busybox-vm8") // no allocation
            .Assign(Replays.Region * 100, 0, "busybox-vm7") // no RAM
            .Assign(3, 0, "busybox-vm2")
            .Assign(4, 0, "Busybox-vm1") // another name
            .Assign(5, 0, "busybox-vm1")
            .Assign(6, 0, "busybox-vm2")
            .Assign(7, 0, "busybox-vm9")
            .Read();
        ReplayPlan plan = ReplayPlan.Create(trace, [Replays.Range(0, 8 * Replays.MiB)], new ReplayOptions());
        Assert.Equal(3, plan.Guests);
        Assert.Equal([3U, 0U, 0U, 1U, 0U, 2U], Asids(plan));
    }

    [Fact]
    public void As_many_guests_as_ASIDs_are_taken_and_one_more_is_refused_by_name()
    {
        ReplayOptions options = new() { GuestPattern = "vm*", Processor = ProcessorModel.Genoa with { MaxAsid = 3 } };
        TraceText text = new TraceText().Assign(1, 0, "vm1").Assign(2, 0, "vm2").Assign(3, 0, "vm3");
        using PageTrace full = text.Read();
        Assert.Equal(3, ReplayPlan.Create(full, options).Guests);
        using PageTrace tooFull = text.Assign(4, 0, "vm4").Read();
        MalformedInputException refusal = Assert.Throws<MalformedInputException>(() => ReplayPlan.Create(tooFull, options));
        Assert.Equal("trace: more than 3 tasks match 'vm*', the last being 'vm4': a genoa has no ASID for another guest", refusal.Message);
    }

    [Fact]
    public void A_Genoa_hosts_1006_guests()
    {
        TraceText text = new();
        for (int guest = 1; guest <= 1006; guest++)
        {
            text.Assign((ulong)guest, 0, string.Create(CultureInfo.InvariantCulture, $"busybox-vm{guest}"));
        }

        using PageTrace trace = text.Read();
        ReplayResult result = TraceReplay.Run("eager", ReplayPlan.Create(trace, new ReplayOptions()));
        Assert.Equal(1006, result.Counts.OwnedAtEnd);
    }

    [Fact]
    public void RAM_up_to_the_end_of_the_address_space_leaves_no_room_for_the_model()
    {
        using PageTrace trace = new TraceText().Write((1UL << 40) - 1).Read();
        ReplayPlan plan = ReplayPlan.Create(trace, new ReplayOptions());
        MalformedInputException refusal = Assert.Throws<MalformedInputException>(() => TraceReplay.Run("eager", plan));
        Assert.StartsWith("trace: RAM up to 0xfffffffffffff leaves no room", refusal.Message, System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_page_above_64_TiB_is_replayed()
    {
        TraceText text = new TraceText().Assign(1UL << 35).Write((1UL << 35) + 1).Free(1UL << 35);
        PhysicalRange[] ram = [Replays.Range(0, Replays.GiB), Replays.Range(1UL << 47, Replays.GiB)];
        ReplayResult result = Replays.Run(text, ram, "on-demand+rejoin");
        Assert.Equal(1, result.Counts.Handled);
        Assert.Equal(1, result.Counts.Rejoins1G);
        Assert.Equal(result.Start, result.End);
    }

    private static uint[] Asids(ReplayPlan plan)
    {
        uint[] asids = new uint[plan.Trace.Tasks.Length];
        for (int task = 0; task < asids.Length; task++)
        {
            asids[task] = plan.Asid(task);
        }

        return asids;
    }
}
