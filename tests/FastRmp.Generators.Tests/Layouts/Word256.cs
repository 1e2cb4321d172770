namespace FastRmp.Generators.Tests.Layouts;

/// <summary>A layout of 256 bits with fields spread over quadwords, and a reserved range that crosses one.</summary>
[BitLayout(256)]
[Reserved(140, 120)]
[Reserved(255, 250)]
internal readonly partial struct Word256
{
    [Bits(0)] public partial bool Valid { get; init; }

    [Bits(127 - 16, 96), Bits(79, 64), Bits(3, 1)] public partial ulong Root { get; init; }

    [Bits(35, 4)] public partial uint Wide { get; init; }

    [AddressBits(63, 36)] public partial ulong Bottom { get; init; }

    [Bits(95, 80)] public partial ushort Half { get; init; }

    [Bits(119, 112)] public partial byte Byte { get; init; }

    [AddressBits(180, 141)] public partial PageAddress Address { get; init; }

    [Bits(191, 181)] public partial ushort Eleven { get; init; }

    [Bits(192)] public partial bool Bit { get; init; }

    [Bits(249, 193)] public partial ulong Huge { get; init; }
}
