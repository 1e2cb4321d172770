namespace FastRmp.Images;

/// <summary>A message that needs no taking apart beyond its numbers.</summary>
public sealed class LogNote : LogFinding
{
    internal LogNote(LogPlace place, LogNoteKind kind, string text)
        : base(place)
    {
        Kind = kind;
        Text = text;
    }

    /// <summary>What it is about.</summary>
    public LogNoteKind Kind { get; }

    /// <summary>The message, printable.</summary>
    public string Text { get; }

    /// <summary>The guest physical address, exit code, request or reason that it has; null if none.</summary>
    public ulong? Value { get; internal set; }

    /// <summary>The page frame that it has; null if none.</summary>
    public ulong? Pfn { get; internal set; }

    /// <summary>The error that it has; null if none.</summary>
    public int? Code { get; internal set; }

    /// <inheritdoc/>
    public override bool IsRmpEvent => Kind is LogNoteKind.UnexpectedRmpFault;
}
