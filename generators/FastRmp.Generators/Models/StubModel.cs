namespace FastRmp.Generators.Models;

/// <summary>A partial property of a faulty layout.</summary>
/// <param name="Modifiers">Modifiers as declared.</param>
/// <param name="TypeName">Type as its implementation has to repeat it, <c>ref</c> included.</param>
/// <param name="Name">Name without the verbatim prefix.</param>
/// <param name="Accessors">Keywords of the accessors, each with its modifiers.</param>
internal sealed record StubModel(string Modifiers, string TypeName, string Name, EquatableArray<string> Accessors);
