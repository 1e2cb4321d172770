namespace FastRmp.Generators.Tests.Layouts;

/// <summary>Two bits of three named values.</summary>
internal enum Colour : byte
{
    Black,
    Red,
    White = 3,
}
