namespace FastRmp.Images;

/// <summary>One thing that a log says: a fault, an entry, a table, an event.</summary>
/// <remarks>Findings of one log are read on one thread; whoever has them may share them once the reader has gone on.</remarks>
public abstract class LogFinding
{
    private protected LogFinding(LogPlace place)
    {
        Place = place;
        LastLine = place.Line;
    }

    /// <summary>Where it stands.</summary>
    public LogPlace Place { get; }

    /// <summary>The last line that it is put together from, from 1.</summary>
    public long LastLine { get; internal set; }

    /// <summary>Whether the RMP refused something: a fault, an instruction or a request.</summary>
    public abstract bool IsRmpEvent { get; }
}
