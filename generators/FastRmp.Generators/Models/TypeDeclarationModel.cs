namespace FastRmp.Generators.Models;

/// <summary>One type on the way from the namespace down to the layout.</summary>
/// <param name="Keywords">The text before the name: <c>class</c>, <c>record struct</c>, …</param>
/// <param name="Name">Name without the verbatim prefix.</param>
/// <param name="TypeParameters">Type parameters with brackets; empty for a type that is not generic, as in every valid layout.</param>
/// <param name="Arity">Number of type parameters.</param>
internal sealed record TypeDeclarationModel(string Keywords, string Name, string TypeParameters, int Arity);
