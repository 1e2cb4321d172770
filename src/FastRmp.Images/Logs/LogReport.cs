using System;
using System.Collections.Generic;
using System.Text.Json;

namespace FastRmp.Images;

/// <summary>What one or several logs say, in the order of their lines.</summary>
/// <remarks>Of the findings the first <see cref="MostFindings"/> are kept, so that a log of any length needs no more memory than one of
/// some size. Not for concurrent use while a log is still read into it.</remarks>
public sealed class LogReport
{
    /// <summary>How many findings are kept.</summary>
    public const int MostFindings = 20_000;

    private const int MostRanges = 256;

    private readonly List<LogFinding> _findings = [];

    /// <summary>The findings.</summary>
    public IReadOnlyList<LogFinding> Findings => _findings;

    /// <summary>How many findings there were beyond those that are kept.</summary>
    public long OmittedFindings { get; private set; }

    /// <summary>How many faults and events of IOMMUs the logs print, whoever is to blame for them.</summary>
    public long FaultCount { get; private set; }

    /// <summary>How many lines were read.</summary>
    public long LineCount { get; internal set; }

    /// <summary>How many bytes were read, after decompression.</summary>
    public long ByteCount { get; internal set; }

    /// <summary>The kernel's release, from the first line of a boot; null if it is not there.</summary>
    public string? Kernel { get; internal set; }

    /// <summary>What of the logs could not be read as it stands, each with its line.</summary>
    public InputProblems Problems { get; } = new();

    /// <summary>Usable memory next to a table's edges decides what has to be reserved: the ranges of the firmware's memory map.</summary>
    internal List<PhysicalSpan> Usable { get; } = [];

    /// <summary>The kernels' releases, each once, of all boots and oopses.</summary>
    internal List<string> Releases { get; } = [];

    /// <summary>How far kernels' images were moved (KASLR), each once.</summary>
    internal List<ulong> KernelOffsets { get; } = [];

    /// <summary>Where kexec puts the pieces of the next kernel.</summary>
    internal List<ulong> Loaded { get; } = [];

    /// <summary>Whether nothing was found.</summary>
    public bool IsEmpty => _findings.Count == 0;

    /// <summary>How many findings at the beginning were taken by <see cref="TakeStories"/> and are kept for what comes.</summary>
    internal int ToldFindings { get; private set; }

    /// <summary>Makes stories of the findings: those that belong together are one.</summary>
    /// <returns>The stories in the order in which they begin.</returns>
    public IReadOnlyList<LogStory> Stories() => StoryTeller.Tell(this);

    /// <summary>Makes stories as <see cref="Stories"/> does, one at a time: only the one that is asked for is in memory with its
    /// texts.</summary>
    internal IEnumerable<LogStory> EachStory() => StoryTeller.TellEach(this);

    /// <summary>Makes stories of the findings that have not been taken, then keeps of all only where the RMP is: for a log without an
    /// end.</summary>
    /// <returns>The stories in the order in which they begin; none if nothing has come.</returns>
    public IReadOnlyList<LogStory> TakeStories()
    {
        if (_findings.Count == ToldFindings) return [];
        IReadOnlyList<LogStory> stories = StoryTeller.Tell(this);
        _findings.RemoveAll(static finding => finding is not (LoggedRmpTable or LoggedRmpSegment or LoggedRmpFact));
        if (_findings.Count > MostFindings / 2) _findings.RemoveRange(0, _findings.Count - (MostFindings / 2));
        ToldFindings = _findings.Count;
        return stories;
    }

    /// <summary>Writes the facts as one JSON object: keys that the logs say nothing about are absent.</summary>
    /// <param name="writer">Receives the object.</param>
    /// <exception cref="ArgumentNullException"><paramref name="writer"/> is null.</exception>
    /// <remarks>The keys are described in the repository, tests/Fixtures/rmp-logs/README.md.</remarks>
    public void WriteFacts(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        FactWriter.Write(this, writer);
    }

    internal void Add(LogFinding finding)
    {
        if (_findings.Count < MostFindings) _findings.Add(finding);
        else OmittedFindings++;
    }

    internal void CountFault() => FaultCount++;

    internal void AddUsable(ulong start, ulong end)
    {
        PhysicalSpan range = new(start, end);
        if (end > start && Usable.Count < MostRanges && !Usable.Contains(range)) Usable.Add(range);
    }

    internal void AddRelease(string release)
    {
        if (Releases.Count < MostRanges && !Releases.Contains(release)) Releases.Add(release);
    }

    internal void AddKernelOffset(ulong offset)
    {
        if (KernelOffsets.Count < MostRanges && !KernelOffsets.Contains(offset)) KernelOffsets.Add(offset);
    }

    internal void AddLoaded(ulong address)
    {
        if (Loaded.Count < MostRanges && !Loaded.Contains(address)) Loaded.Add(address);
    }

    /// <summary>The first contiguous table; null if none is printed.</summary>
    internal LoggedRmpTable? Table()
    {
        foreach (LogFinding finding in _findings)
        {
            if (finding is LoggedRmpTable table) return table;
        }

        return null;
    }
}
