using System.Globalization;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>One step as it happened: between <see cref="Start"/> and <see cref="End"/> on a clock that all threads share.</summary>
internal sealed class Call(int thread, Step step)
{
    public int Thread => thread;

    public Step Step => step;

    public long Start { get; set; }

    public long End { get; set; }

    public Outcome Outcome { get; set; }

    public bool Overlaps(Call other) => other.Start < End && Start < other.End;

    public override string ToString()
    {
        return string.Create(CultureInfo.InvariantCulture, $"[{Start,3}-{End,3}] thread {Thread}: {Step} -> {Outcome.Describe(Step.Kind)}");
    }
}
