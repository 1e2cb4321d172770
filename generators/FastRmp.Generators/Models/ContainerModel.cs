namespace FastRmp.Generators.Models;

/// <summary>A type around a nested layout.</summary>
/// <param name="Keywords">What stands before the name: <c>class</c>, <c>record struct</c>, …</param>
/// <param name="Name">Name without the verbatim prefix.</param>
internal sealed record ContainerModel(string Keywords, string Name);
