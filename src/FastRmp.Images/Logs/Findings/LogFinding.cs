namespace FastRmp.Images;

/// <summary>One thing that a log says: a fault, an entry, a table, an event.</summary>
/// <remarks>Findings of one log are read on one thread; whoever has them may share them once the reader has gone on.</remarks>
public abstract class LogFinding
{
    private protected LogFinding(LogPlace place) => Place = place;

    /// <summary>Where it stands.</summary>
    public LogPlace Place { get; }

    /// <summary>Whether the RMP refused something: a fault, an instruction or a request.</summary>
    public abstract bool IsRmpEvent { get; }
}
