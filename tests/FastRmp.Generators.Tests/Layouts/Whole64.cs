namespace FastRmp.Generators.Tests.Layouts;

/// <summary>One field as wide as the layout.</summary>
[BitLayout(64)]
internal readonly partial struct Whole64
{
    [Bits(63, 0)] public partial ulong All { get; init; }
}
