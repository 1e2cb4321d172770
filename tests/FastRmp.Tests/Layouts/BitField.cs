using System;

namespace FastRmp.Tests.Layouts;

/// <summary>One field as the manual's table has it: bit numbers in a 128-bit structure, read and replaced bit by bit.</summary>
/// <param name="Name">The property's name.</param>
/// <param name="High">Highest bit.</param>
/// <param name="Lowest">Lowest bit.</param>
/// <param name="InPlace">Whether the value is an address that keeps its place: bits below the lowest are zero.</param>
/// <param name="Step">Distance from one bit to the next; more than 1 where another field stands between them.</param>
public sealed record BitField(string Name, int High, int Lowest, bool InPlace = false, int Step = 1)
{
    /// <summary>The field's value, taken bit after bit.</summary>
    public ulong Read(UInt128 raw)
    {
        ulong value = 0;
        for (int bit = Lowest; bit <= High; bit += Step)
        {
            int target = InPlace ? bit : (bit - Lowest) / Step;
            if ((raw >> bit & UInt128.One) == UInt128.One) value |= 1UL << target;
        }

        return value;
    }

    /// <summary>The structure with every bit of the field replaced.</summary>
    public UInt128 Write(UInt128 raw, ulong value)
    {
        for (int bit = Lowest; bit <= High; bit += Step)
        {
            int source = InPlace ? bit : (bit - Lowest) / Step;
            UInt128 mask = UInt128.One << bit;
            raw = (value >> source & 1) == 1 ? raw | mask : raw & ~mask;
        }

        return raw;
    }

    public override string ToString() => Name;
}
