using Xunit;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>Tests whose threads want the processors for themselves: they run when the others are done, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneDefinition
{
    public const string Name = "alone";
}
