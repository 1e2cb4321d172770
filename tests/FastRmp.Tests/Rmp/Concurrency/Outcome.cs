using FastRmp.Rmp;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>What came of a step: the field that its kind fills.</summary>
internal readonly record struct Outcome(RmpResult Result, bool IsOwned, RmpLookup Lookup);
