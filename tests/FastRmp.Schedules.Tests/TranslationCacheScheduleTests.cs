using Xunit;

namespace FastRmp.Schedules.Tests;

public sealed class TranslationCacheScheduleTests
{
    [Fact]
    public void No_schedule_lets_a_stale_verdict_or_translation_be_found() => Assert.Null(StaleVerdicts.Explore());
}
