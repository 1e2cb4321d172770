using System.Collections.Generic;

namespace FastRmp.Fuzz;

/// <summary>A reader that takes hostile input.</summary>
internal abstract class FuzzTarget
{
    private IReadOnlyList<byte[]>? _seeds;

    /// <summary>Its name on the command line.</summary>
    internal abstract string Name { get; }

    /// <summary>How many damaged inputs it reads in the ordinary test run.</summary>
    internal abstract int OrdinaryRounds { get; }

    /// <summary>Most damage goes into so many bytes at the beginning.</summary>
    internal virtual int Head => int.MaxValue;

    /// <summary>The bytes of managed memory that it may allocate for any input.</summary>
    internal virtual long AllocationBase => 4 << 20;

    /// <summary>How many more it may allocate for each byte of input.</summary>
    internal virtual long AllocationFactor => 64;

    /// <summary>Whole inputs, from the fixtures or made of them.</summary>
    internal IReadOnlyList<byte[]> Seeds => _seeds ??= [.. MakeSeeds()];

    /// <summary>Reads an input. A refusal that is documented returns.</summary>
    /// <returns>Whether it was taken for whole.</returns>
    internal abstract bool Read(byte[] input);

    protected abstract IEnumerable<byte[]> MakeSeeds();
}
