using System.Text.Json;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>The facts found in logs of real machines are those of the collection, key by key.</summary>
public sealed class LogCorpusTests
{
    public static TheoryData<string> Cases => LogCase.Verbatim();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_log_gives_every_fact_that_its_case_states(string name)
    {
        LogCase log = LogCase.Load(name);
        JsonElement found = LogCase.Read(log.Text!);
        Assert.Empty(log.Differences(found));
    }

    [Fact]
    public void Every_case_with_a_log_is_there()
    {
        Assert.Equal(14, Cases.Count);
    }
}
