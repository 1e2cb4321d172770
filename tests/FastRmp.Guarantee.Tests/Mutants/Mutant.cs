using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <summary>The library with one rule broken.</summary>
/// <param name="Name">Which.</param>
/// <param name="DetectedBy">Which check has to detect it.</param>
/// <param name="Edits">How it is broken. Some rules are checked twice and have to be broken together.</param>
public sealed record Mutant(string Name, DetectedBy DetectedBy, IReadOnlyList<Edit> Edits);
