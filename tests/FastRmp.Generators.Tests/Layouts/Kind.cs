namespace FastRmp.Generators.Tests.Layouts;

/// <summary>An enum over the language's default type.</summary>
internal enum Kind
{
    Nothing,
    Something,
}
