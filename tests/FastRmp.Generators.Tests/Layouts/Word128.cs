namespace FastRmp.Generators.Tests.Layouts;

/// <summary>A layout of 128 bits, shaped like a table entry.</summary>
[BitLayout(128)]
[Reserved(112, 97)]
internal readonly partial struct Word128
{
    [Bits(0)] public partial bool First { get; init; }

    [Bits(11, 1)] public partial ushort Count { get; init; }

    [AddressBits(50, 12)] public partial PageAddress Address { get; init; }

    [Bits(63, 51)] public partial ushort Top { get; init; }

    [Bits(71, 64)] public partial byte Mask0 { get; init; }

    [Bits(79, 72)] public partial byte Mask1 { get; init; }

    [Bits(95, 80)] public partial Access Access { get; init; }

    [Bits(96)] public partial bool Key { get; init; }

    [Bits(127, 113)] public partial uint Last { get; init; }
}
