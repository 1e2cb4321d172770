using Xunit;

namespace FastRmp.Schedules.Tests;

public sealed class PlainCountScheduleTests
{
    [Fact]
    public void No_schedule_loses_a_count_or_lets_a_version_come_back() => Assert.Null(PlainCounts.Explore());
}
