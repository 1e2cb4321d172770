using Xunit;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>Tests whose threads want the processors for themselves: they run when the others are done, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
<<<<<<<< HEAD:tests/FastRmp.Tests/Rmp/Concurrency/Alone.cs
public sealed class Alone
========
public sealed class AloneDefinition
>>>>>>>> 0e5f7fbd15392a8ae8f74f03ed728de4f2c3a708:tests/FastRmp.Tests/Rmp/Concurrency/AloneDefinition.cs
{
    public const string Name = "alone";
}
