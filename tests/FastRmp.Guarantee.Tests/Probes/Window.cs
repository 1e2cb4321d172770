using System;
using System.Threading;

namespace FastRmp.Guarantee.Tests.Probes;

/// <summary>
/// Holds a broken library open where it is broken, until the reader of a storm has had its chance to notice. On a busy machine a spin would
/// not do.
/// </summary>
internal static class Window
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
