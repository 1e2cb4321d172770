namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>What one step of a thread's program does.</summary>
internal enum StepKind
{
    Update,
    Smash,

    /// <summary>A host write through a mapping of some size.</summary>
    Access,
    Lookup,

    /// <summary>A raw write; before the threads start only.</summary>
    Poke,
}
