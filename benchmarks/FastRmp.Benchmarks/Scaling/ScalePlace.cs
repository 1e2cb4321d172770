namespace FastRmp.Benchmarks.Scaling;

/// <summary>Where the pages of the threads are.</summary>
internal enum ScalePlace
{
    /// <summary>Each thread has regions one after the other.</summary>
    Apart,

    /// <summary>Each thread has regions whose neighbours are other threads'.</summary>
    Between,

    /// <summary>All have pages of their own in the same regions.</summary>
    Same,

    /// <summary>All have the same pages.</summary>
    SamePages,
}
