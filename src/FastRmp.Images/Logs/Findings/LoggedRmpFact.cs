namespace FastRmp.Images;

/// <summary>A fact about the RMP, other than a contiguous table's place.</summary>
public sealed class LoggedRmpFact : LogFinding
{
    internal LoggedRmpFact(LogPlace place, RmpFact fact, ulong first = 0, ulong second = 0, string? text = null)
        : base(place)
    {
        Fact = fact;
        First = first;
        Second = second;
        Text = text;
    }

    /// <summary>What it is.</summary>
    public RmpFact Fact { get; }

    /// <summary>The first number; see <see cref="RmpFact"/>.</summary>
    public ulong First { get; }

    /// <summary>The second number; see <see cref="RmpFact"/>.</summary>
    public ulong Second { get; }

    /// <summary>The message, printable, where it says more than the numbers; else null.</summary>
    public string? Text { get; }

    /// <inheritdoc/>
    public override bool IsRmpEvent => false;
}
