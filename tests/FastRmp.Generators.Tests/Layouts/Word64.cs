namespace FastRmp.Generators.Tests.Layouts;

/// <summary>A layout of 64 bits with a field of every kind.</summary>
[BitLayout(64, Source = "nowhere")]
[Reserved(6)]
[Reserved(11, 9)]
internal readonly partial struct Word64
{
    [Bits(0)] public partial bool First { get; init; }

    [Bits(2, 1)] public partial Colour Colour { get; init; }

    [Bits(5, 3)] public partial Access Access { get; init; }

    [Bits(8, 7)] public partial byte Small { get; init; }

    [AddressBits(47, 12)] public partial ulong Address { get; init; }

    [Bits(62, 57), Bits(51, 48)] public partial ushort Split { get; init; }

    [Bits(56, 52)] public partial Kind Kind { get; init; }

    [Bits(63)] public partial bool Last { get; init; }
}
