using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Findings that belong together, and what they mean.</summary>
public sealed class LogStory
{
    internal LogStory(string kind, LogFinding first)
    {
        Kind = kind;
        First = first;
        List.Add(first);
    }

    /// <summary>What the story is about, a short fixed name: <c>rmp_fault</c>, <c>page_fault</c>, <c>rmpupdate</c>,
    /// <c>host_setup</c>, …</summary>
    public string Kind { get; }

    /// <summary>The finding that it begins with.</summary>
    public LogFinding First { get; }

    /// <summary>The findings, in the order of the log; of many equal ones the first.</summary>
    public IReadOnlyList<LogFinding> Findings => List;

    /// <summary>The last line of the story in the file in which it begins.</summary>
    public long LastLine
    {
        get
        {
            long last = First.LastLine;
            foreach (LogFinding finding in List)
            {
                if (finding.LastLine > last && finding.Place.File == First.Place.File) last = finding.LastLine;
            }

            return last;
        }
    }

    /// <summary>How many findings there are, kept or not.</summary>
    public long Count { get; internal set; } = 1;

    /// <summary>The story in a line.</summary>
    public string Title { get; internal set; } = string.Empty;

    /// <summary>Whether something went wrong, or there are only facts.</summary>
    public bool IsTrouble { get; internal set; }

    /// <summary>What the messages say, field by field.</summary>
    public IReadOnlyList<LogDetail> Details => DetailList;

    /// <summary>What happened, in sentences.</summary>
    public string What { get; internal set; } = string.Empty;

    /// <summary>Why, with the rule.</summary>
    public string Why { get; internal set; } = string.Empty;

    /// <summary>Where the rule stands.</summary>
    public string Rule { get; internal set; } = string.Empty;

    /// <summary>What to look at or to do next.</summary>
    public IReadOnlyList<string> Next => NextList;

    /// <summary>What the log does not decide, and which line, with which command, would.</summary>
    public IReadOnlyList<string> Open => OpenList;

    internal List<LogFinding> List { get; } = [];

    internal List<LogDetail> DetailList { get; } = [];

    internal List<string> NextList { get; } = [];

    internal List<string> OpenList { get; } = [];
}
