using System;
using System.Threading;

namespace FastRmp.Guarantee.Tests.Probes;

/// <summary>
/// Keeps the race window of a mutant open until the reader of a stress run has read. On a busy machine spinning would not suffice.
/// </summary>
internal static class RaceWindow
{
    private const int Looks = 200;
    private const int Turns = 1_000_000; // a bound, should the reader be gone

    private static Func<long?> _looks = static () => null;

    /// <summary>Says how often the reader has looked; null if it has seen enough.</summary>
    public static void Open(Func<long?> looks) => _looks = looks;

    /// <summary>Lets the reader look for a while.</summary>
    public static void AwaitReader()
    {
        long? begun = _looks();
        for (int turn = 0; turn < Turns && _looks() - begun < Looks; turn++) Thread.Yield();
    }
}
