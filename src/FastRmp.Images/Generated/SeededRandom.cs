using System;

namespace FastRmp.Images;

/// <summary>Numbers that depend on a seed alone, whatever the runtime is: SplitMix64.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private const double Unit = 1.0 / (1UL << 53);

    private ulong _state = seed;

    /// <summary>64 random bits.</summary>
    internal ulong Next()
    {
        ulong mixed = _state += 0x9E37_79B9_7F4A_7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number from 0 up to, not including, a bound that is positive.</summary>
    internal int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>A number from 0 up to, not including, 1.</summary>
    internal double Fraction() => (Next() >> 11) * Unit;

    /// <summary>A waiting time of a process without memory, at least 1 ns.</summary>
    /// <param name="nanoseconds">The mean; infinite for never.</param>
    internal long Wait(double nanoseconds)
    {
        double wait = -nanoseconds * Math.Log(1 - Fraction());
        return wait < long.MaxValue / 2 ? (long)Math.Max(1, wait) : long.MaxValue;
    }
}
