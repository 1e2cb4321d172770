namespace FastRmp.Cli.Walk;

/// <summary>How many quadwords a walk read: one for each entry, so that it tells how many of a trace's steps it got to. Shared by the
/// copies of a memory.</summary>
internal sealed class ReadCounter
{
    internal int Count { get; set; }
}
