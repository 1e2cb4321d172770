using System.Collections.Generic;
using System.Text;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Images.Tests.Replay;

public class TaskPatternTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("*", "")]
    [InlineData("*", "anything at all")]
    [InlineData("**", "x")]
    [InlineData("qemu", "qemu")]
    [InlineData("busybox-vm*", "busybox-vm")]
    [InlineData("busybox-vm*", "busybox-vm12")]
    [InlineData("*vm*", "busybox-vm12")]
    [InlineData("*.service", "a.b.service")]
    [InlineData("a*b*c", "aXbYbZc")]
    [InlineData("?", "x")]
    [InlineData("CPU ?/KVM", "CPU 3/KVM")]
    [InlineData("vm[0-9]", "vm7")]
    [InlineData("vm[0-9a-f]", "vmc")]
    [InlineData("vm[!0-9]", "vmx")]
    [InlineData("vm[^0-9]", "vmx")]
    [InlineData("[]]", "]")]
    [InlineData("[!]]", "x")]
    [InlineData("[]-a]", "^")]
    [InlineData("[a-]", "-")]
    [InlineData("[-a]", "-")]
    [InlineData("[[]", "[")]
    [InlineData("[", "[")]
    [InlineData("[abc", "[abc")]
    [InlineData("[]", "[]")]
    [InlineData("[!", "[!")]
    [InlineData("*[", "x[")]
    [InlineData("a\\b", "a\\b")]
    public void Matches(string pattern, string name) => Assert.True(TaskPattern.Matches(pattern, name));

    [Theory]
    [InlineData("", "x")]
    [InlineData("?", "")]
    [InlineData("qemu", "QEMU")]
    [InlineData("qemu", "qemu-system")]
    [InlineData("qemu", "my-qemu")]
    [InlineData("vm[0-9]", "vm")]
    [InlineData("vm[0-9]", "vm77")]
    [InlineData("vm[9-0]", "vm5")]
    [InlineData("vm[!0-9]", "vm7")]
    [InlineData("[!]]", "]")]
    [InlineData("[a-z]", "B")]
    [InlineData("[abc", "a")]
    [InlineData("*a", "ab")]
    [InlineData("a*b*c", "aXbY")]
    public void Does_not_match(string pattern, string name) => Assert.False(TaskPattern.Matches(pattern, name));

    [Fact]
    public void Every_short_pattern_and_name_is_judged_as_by_the_reference()
    {
        const string PatternLetters = "ab*?[]!-";
        const string NameLetters = "ab[]-";
        string[] names = Words(NameLetters, 3);
        foreach (string pattern in Words(PatternLetters, 5))
        {
            foreach (string name in names)
            {
                if (TaskPattern.Matches(pattern, name) != ReferenceGlob.Matches(pattern, name)) Assert.Fail($"'{pattern}' and '{name}'");
            }
        }
    }

    [Fact]
    public void Many_stars_take_no_exponential_time()
    {
        string pattern = new StringBuilder().Insert(0, "*a", 500).Append('b').ToString();
        Assert.False(TaskPattern.Matches(pattern, new string('a', 5000)));
    }

    private static string[] Words(string letters, int longest)
    {
        List<string> words = [string.Empty];
        for (int i = 0; i < words.Count; i++)
        {
            if (words[i].Length == longest) break;
            foreach (char letter in letters)
            {
                words.Add(words[i] + letter);
            }
        }

        return [.. words];
    }
}
