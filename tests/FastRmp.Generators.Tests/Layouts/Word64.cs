using FastRmp.Layouts;

namespace FastRmp.Generators.Tests.Layouts;

/// <summary>A layout of 64 bits with a field of every kind.</summary>
[BitLayout(64, Source = "nowhere")]
[Reserved(6)]
[Reserved(11, 9)]
internal readonly partial struct Word64
{
    [Bits(0)] public partial bool First { get; }

    [Bits(2, 1)] public partial Colour Colour { get; }

    [Bits(5, 3)] public partial Access Access { get; }

    [Bits(8, 7)] public partial byte Small { get; }

    [AddressBits(47, 12)] public partial ulong Address { get; }

    [Bits(62, 57), Bits(51, 48)] public partial ushort Split { get; }

    [Bits(56, 52)] public partial Kind Kind { get; }

    [Bits(63)] public partial bool Last { get; }
}
