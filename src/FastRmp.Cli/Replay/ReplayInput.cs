using System;
using System.Collections.Generic;
using System.Threading;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>A trace of either kind, read, and then prepared for replay.</summary>
internal abstract class ReplayInput : IDisposable
{
    /// <summary>Bytes by which the kind is decided.</summary>
    protected const int HeadBytes = 4096;

    /// <summary>What is done beside replaying.</summary>
    internal StudyExtras? Extras { get; set; }

    /// <summary>How many events there are.</summary>
    internal abstract long EventCount { get; }

    /// <summary>How many lines were read.</summary>
    internal abstract long LineCount { get; }

    /// <summary>What is wrong with the text.</summary>
    internal abstract InputProblems Problems { get; }

    /// <summary>How many guests there are.</summary>
    internal abstract int Guests { get; }

    /// <summary>Their names, if the trace has them.</summary>
    internal abstract IReadOnlyList<string> GuestNames { get; }

    /// <summary>The RAM in bytes.</summary>
    internal abstract ulong RamBytes { get; }

    /// <summary>What the trace holds, in one line.</summary>
    internal abstract string Summary { get; }

    /// <summary>More lines about it, which may be none.</summary>
    internal abstract IEnumerable<string> Notes { get; }

    /// <summary>Reads the traces as what they are.</summary>
    internal static ReplayInput Read(IReadOnlyList<InputStream> inputs, Action<long>? progress) =>
        inputs.Count == 1 && RmpTrace.IsHead(inputs[0].Head(HeadBytes))
            ? new RmpReplayInput(RmpTrace.Read(inputs[0], progress))
            : new PageReplayInput(PageTrace.Read(inputs, progress));

    /// <summary>Prepares the replay for a listing's RAM, or without one.</summary>
    internal abstract void Prepare(IomemListing? listing, ReplayOptions options);

    /// <summary>What the numbers do not say by themselves, before the replay.</summary>
    internal abstract void Remark(Session session, ReplayOptions options);

    /// <summary>The same after it.</summary>
    internal virtual void RemarkOn(Session session, ReplayResult any)
    {
    }

    /// <summary>The trace's name.</summary>
    internal abstract string Name { get; }

    /// <summary>Replays under policies, all in one pass, and writes down what happens over time if asked to.</summary>
    internal abstract StudyResult Replay(
        MapVariant[] policies, StudyCosts costs, Action<long>? progress, bool isRecorded, CancellationToken cancellation);

    /// <summary>The result for programs.</summary>
    internal abstract string ToJson(StudyResult study, bool showsOptimum);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
