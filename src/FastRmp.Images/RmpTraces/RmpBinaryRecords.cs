using System;

namespace FastRmp.Images;

/// <summary>The binary form of an RMP trace around its events: what it begins with, and the units that are no events. The layout is in
/// docs/rmp-trace.md.</summary>
internal static class RmpBinaryRecords
{
    /// <summary>The end, with the number of events.</summary>
    internal const int End = 0x0F;

    /// <summary>The processor.</summary>
    internal const int Processor = 0x1F;

    /// <summary>A range of RAM.</summary>
    internal const int Ram = 0x2F;

    /// <summary>A range that was mapped by 4 KiB leaves.</summary>
    internal const int Mapped4K = 0x3F;

    /// <summary>The next name.</summary>
    internal const int Name = 0x4F;

    /// <summary>The longest name.</summary>
    internal const int MostNameBytes = 255;

    /// <summary>The longest record: a name's.</summary>
    internal const int MostBytes = RmpEventCoder.UnitBytes + MostNameBytes + 1;

    /// <summary>Bits that a first quadword has its kind in; what a record has beside it begins above.</summary>
    internal const int KindBits = 8;

    /// <summary>Bytes before the first record.</summary>
    internal const int HeadBytes = 16;

    /// <summary>The version in the head.</summary>
    internal const uint Version = 2;

    /// <summary>What files begin with: no text does, and what changes line ends or the eighth bit breaks it.</summary>
    internal static ReadOnlySpan<byte> Magic => [0x89, (byte)'R', (byte)'M', (byte)'P', (byte)'T', 0x0D, 0x0A, 0x1A];

    /// <summary>Whether an input is of this form, by its first bytes.</summary>
    internal static bool IsMagic(ReadOnlySpan<byte> head) => head.StartsWith(Magic);

    /// <summary>The bytes of a name's units behind its first.</summary>
    internal static int NameUnits(int length) => (length + RmpEventCoder.UnitBytes - 1) & -RmpEventCoder.UnitBytes;
}
