using System;

namespace FastRmp.Guarantee.Tests.Play;

/// <summary>How often what happened.</summary>
internal sealed class Tally
{
    private readonly long[] _counts = new long[Enum.GetValues<Happening>().Length];

    public long Moves { get; set; }

    public long this[Happening happening] => _counts[(int)happening];

    public void Add(Happening happening) => _counts[(int)happening]++;
}
