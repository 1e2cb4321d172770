using System;
using System.Collections.Generic;
using System.Text;

namespace FastRmp.Images;

/// <summary>Events about page frames that are not known by name, as long as the trace has no release: one of them may be what it has
/// instead.</summary>
internal sealed class OtherEvents
{
    private const int MostNames = 8;
    private const int LongestName = 64;

    private readonly List<PageEventCount> _counts = [];

    internal List<PageEventCount> Counts => _counts;

    internal void Take(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf("pfn="u8) < 0 || !PageLineParser.TryEventName(line, out ReadOnlySpan<byte> bytes) || bytes.Length > LongestName)
        {
            return;
        }

        Span<char> name = stackalloc char[LongestName];
        name = name[..Encoding.Latin1.GetChars(bytes, name)];
        for (int index = 0; index < _counts.Count; index++)
        {
            PageEventCount one = _counts[index];
            if (!name.SequenceEqual(one.Name)) continue;
            _counts[index] = one with { Count = one.Count + 1 };
            return;
        }

        if (_counts.Count < MostNames) _counts.Add(new PageEventCount(name.ToString(), PageEventUse.None, 1));
    }
}
