namespace FastRmp.Generators.Tests.Layouts;

/// <summary>No field at all.</summary>
[BitLayout(64)]
[Reserved(63, 0)]
internal readonly partial struct Reserved64;
