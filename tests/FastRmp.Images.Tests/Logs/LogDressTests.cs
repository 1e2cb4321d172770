using System.Text.Json;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>The form in which a log was printed, exported or mailed changes nothing of what it says.</summary>
public sealed class LogDressTests
{
    public static TheoryData<string> Forms()
    {
        TheoryData<string> names = [];
        foreach (string form in LogDress.Forms.Keys) names.Add(form);
        return names;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_case_tells_the_same_in_this_form(string form)
    {
        foreach (string name in LogCase.Verbatim().ToNames())
        {
            LogCase log = LogCase.Load(name);
            string[] bare = LogDress.Bare(log.Lines);
            string text = LogDress.Forms[form](bare);
            JsonElement found = LogCase.Read(text);
            Assert.True(log.Differences(found) is [], $"{name}, {form}: {string.Join("; ", log.Differences(found))}\n{text}");
            Assert.Equal(LogCase.Read(string.Join('\n', bare)).ToString(), found.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void An_ordinary_log_has_no_finding_in_this_form(string form)
    {
        string text = LogDress.Forms[form](OrdinaryLog.Lines);
        Assert.Equal("{}", LogCase.Read(text, out LogReport report).ToString());
        Assert.Empty(report.Findings);
    }
}
