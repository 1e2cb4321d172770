using System;
using System.IO;
using System.Text;
using FastRmp.Images.Study;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Study;

/// <summary>The study without a report allocates nothing for an event.</summary>
public sealed class StudyAllocationTests
{
    private const int Attempts = 10;

    [Fact]
    public void An_event_of_a_page_trace_allocates_nothing()
    {
        (long few, long many) = (long.MaxValue, long.MaxValue);
        for (int attempt = 0; attempt < Attempts && (attempt == 0 || few != many); attempt++)
        {
            // now and then some KiB too many: a collection that other tests cause
            few = Math.Min(few, OfPages(1200));
            many = Math.Min(many, OfPages(3000));
        }

        Assert.Equal(few, many);
    }

    [Fact]
    public void An_event_of_an_RMP_trace_allocates_nothing()
    {
        (long few, long many) = (long.MaxValue, long.MaxValue);
        for (int attempt = 0; attempt < Attempts && (attempt == 0 || few != many); attempt++)
        {
            few = Math.Min(few, OfInstructions(600));
            many = Math.Min(many, OfInstructions(2400));
        }

        Assert.Equal(few, many);
    }

    // Allocations of a thread that unpacks ahead are no event's; below its least number there is none.
    private static long OfInstructions(int rounds)
    {
        StringBuilder text = new("# fastrmp rmp trace 1\nram 0-7fffff\n");
        for (int round = 0; round < rounds; round++)
        {
            string time = $"{round / 1000}.{round % 1000:D3}";
            text.Append(time).Append(" rmpupdate spa=201000 assigned=1 asid=1 gpa=1000 -> 0\n")
                .Append(time).Append(" write spa=202000\nrmpupdate spa=201000 assigned=0 -> 0\n")
                .Append(time).Append(" convert spa=400000 pages=600 size=2m asid=2 gpa=0 to=private\npsmash spa=400000 -> 0\n")
                .Append(time).Append(" convert spa=400000 pages=600 to=shared\nmark x\n");
        }

        using MemoryStream stream = new(Encoding.ASCII.GetBytes(text.ToString()));
        RmpReplayPlan plan = RmpReplayPlan.Create(RmpTrace.Read(stream, "in"));
        Assert.Equal(2, plan.Guests);
        return Allocations.Of(() => TraceStudy.Run(plan, MapPolicies.All, new StudyCosts()));
    }

    private static long OfPages(int rounds)
    {
        StringBuilder text = new();
        for (int round = 0; round < rounds; round++)
        {
            string time = $"{round / 1000}.{round % 1000:D3}";
            string guest = $"  busybox-vm1-12 [001] ..... {time}: ";
            string host = $"  sh-13 [001] ..... {time}: ";
            text.Append(guest).Append("mm_page_alloc: page=a pfn=0x5 order=0 migratetype=1 gfp_flags=0\n")
                .Append(host).Append("mm_page_alloc: page=a pfn=0x6 order=0 migratetype=0 gfp_flags=0\n")
                .Append(host).Append("mm_page_free: page=a pfn=0x6 order=0\n")
                .Append(guest).Append("mm_page_free: page=a pfn=0x5 order=0\n");
        }

        using MemoryStream stream = new(Encoding.ASCII.GetBytes(text.ToString()));
        using PageTrace trace = PageTrace.Read(stream, "in");
        ReplayPlan plan = ReplayPlan.Create(trace, new ReplayOptions { GuestPattern = "busybox-vm*" });
        Assert.Equal(1, plan.Guests);
        return Allocations.Of(() => TraceStudy.Run(plan, MapPolicies.All, new StudyCosts()));
    }
}
