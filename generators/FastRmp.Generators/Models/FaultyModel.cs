namespace FastRmp.Generators.Models;

/// <summary>A layout with a fault: what is needed to give its partial properties a body.</summary>
/// <param name="Type">Where the layout is declared.</param>
/// <param name="Stubs">The properties.</param>
internal sealed record FaultyModel(TypeModel Type, EquatableArray<StubModel> Stubs);
