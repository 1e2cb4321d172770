namespace FastRmp.Generators.Tests;

/// <summary>What a random field is.</summary>
internal enum FieldShape
{
    Bool,
    Number,
    Address,
    Reserved,
}
