namespace FastRmp.Images.Tests.Replay;

/// <summary>What most tests of replays need: a small machine, one call.</summary>
internal static class Replays
{
    internal const ulong MiB = 1UL << 20;
    internal const ulong GiB = 1UL << 30;
    internal const ulong Region = 512;

    internal static PhysicalRange Range(ulong start, ulong length) => new(PhysicalAddress.Create(start), length);

    /// <summary>Replays on 8 MiB of RAM: four leaves of 2 MiB.</summary>
    internal static ReplayResult Run(TraceText text, string policy = "never", ReplayOptions? options = null) =>
        Run(text, [Range(0, 8 * MiB)], policy, options);

    internal static ReplayResult Run(TraceText text, PhysicalRange[] ram, string policy, ReplayOptions? options = null)
    {
        using PageTrace trace = text.Read();
        return TraceReplay.Run(policy, ReplayPlan.Create(trace, ram, options ?? new ReplayOptions()));
    }
}
