using System;

namespace FastRmp.Images;

/// <summary>Where a reader of messages is, and what it has open: messages that go on over several lines.</summary>
internal sealed class LogContext(LogReport report)
{
    private string? _stamp;
    private bool _hasStamp;
    private long _longLine;
    private string? _fetchRemark;
    private long _fetchRemarkLine;

    /// <summary>Where findings go.</summary>
    internal LogReport Report => report;

    /// <summary>The log's name.</summary>
    internal string File { get; set; } = string.Empty;

    /// <summary>The line of the message, from 1.</summary>
    internal long Line { get; set; }

    /// <summary>How many lines are still looked at, keyword or not.</summary>
    internal int Attention { get; set; }

    /// <summary>The fault whose oops goes on.</summary>
    internal LoggedPageFault? Fault { get; set; }

    /// <summary>Whether the line before ended where a function should come.</summary>
    internal bool WantsSymbol { get; set; }

    /// <summary>Whether the line before ended after a function, whose module may come next.</summary>
    internal bool WantsModule { get; set; }

    /// <summary>The region whose dump goes on.</summary>
    internal LoggedRegion? Region { get; set; }

    /// <summary>The event whose dump goes on.</summary>
    internal LoggedIommuEvent? Event { get; set; }

    /// <summary>The counters that go on.</summary>
    internal LoggedDirectMap? Counters { get; set; }

    /// <summary>The nested fault of the trace line before, which the next one may repeat.</summary>
    internal LoggedNestedFault? Traced { get; set; }

    /// <summary>EXITINFO1 of a control block's dump, whose EXITINFO2 comes next.</summary>
    internal ulong? ExitInfo { get; set; }

    /// <summary>The place of the message.</summary>
    internal LogPlace Place => new(File, Line, _hasStamp ? _stamp : null);

    /// <summary>Whether the line begins with a time.</summary>
    internal bool HasStamp => _hasStamp;

    /// <summary>Takes the stamp of the line; the string is made when it is wanted.</summary>
    internal void SetStamp(ReadOnlySpan<byte> stamp)
    {
        _hasStamp = !stamp.IsEmpty;
        _stamp = _hasStamp ? LogText.Printable(stamp, 40) : null;
    }

    /// <summary>Looks at the next lines, keyword or not.</summary>
    internal void Attend(int lines) => Attention = Math.Max(Attention, lines);

    /// <summary>Says that a line is too long, once.</summary>
    internal void ReportLongLine()
    {
        if (_longLine == Line) return;
        _longLine = Line;
        report.Problems.AddLine(
            File, Line, $"the line is longer than {LogBlocks.LongestLine} bytes: it was read in pieces, and a message in it may be missed");
    }

    /// <summary>What is said of a fetch whose fault comes next.</summary>
    internal void SetFetchRemark(string remark) => (_fetchRemark, _fetchRemarkLine) = (remark, Line);

    /// <summary>The remark for a fault that is reported now; null if there is none.</summary>
    internal string? TakeFetchRemark()
    {
        const int MostLines = 4; // other processors may print in between
        string? remark = Line - _fetchRemarkLine <= MostLines ? _fetchRemark : null;
        _fetchRemark = null;
        return remark;
    }

    /// <summary>Nothing goes on any more.</summary>
    internal void Close()
    {
        Fault = null;
        Region = null;
        Event = null;
        Counters = null;
        Traced = null;
        ExitInfo = null;
        Attention = 0;
    }
}
