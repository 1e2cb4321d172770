using System.Text;
using FastRmp.Images.Study;
using FastRmp.Images.Tests.Support;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Study;

/// <summary>The study without a report allocates nothing for an event.</summary>
public sealed class StudyAllocationTests
{
    [Fact]
    public void An_event_of_a_page_trace_allocates_nothing() => Assert.Equal(OfPages(2000), OfPages(9000));

    private static long OfPages(int rounds)
    {
        const string Round =
            "  busybox-vm1-12 [001] ..... 4.1: mm_page_alloc: page=a pfn=0x5 order=0 migratetype=1 gfp_flags=0\n"
                + "  sh-13 [001] ..... 4.1: mm_page_alloc: page=a pfn=0x6 order=0 migratetype=0 gfp_flags=0\n"
                + "  sh-13 [001] ..... 4.1: mm_page_free: page=a pfn=0x6 order=0\n"
                + "  busybox-vm1-12 [001] ..... 4.1: mm_page_free: page=a pfn=0x5 order=0\n";
        byte[] text = Encoding.ASCII.GetBytes(new StringBuilder().Insert(0, Round, rounds).ToString());
        using PageTrace trace = PageTrace.Read(new System.IO.MemoryStream(text), "in");
        ReplayPlan plan = ReplayPlan.Create(trace, new ReplayOptions { GuestPattern = "busybox-vm*" });
        Assert.Equal(1, plan.Guests);
        return Allocations.Least(() => Allocations.Of(() => TraceStudy.Run(plan, MapPolicies.All, new StudyCosts())));
    }
}
