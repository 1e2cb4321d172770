using System.Collections.Generic;
using System.Numerics;

namespace FastRmp.Tests.Layouts;

/// <summary>One field as the manual's table has it: absolute bit numbers, read and replaced bit by bit.</summary>
/// <param name="Name">The property's name.</param>
/// <param name="High">Highest bit.</param>
/// <param name="Lowest">Lowest bit.</param>
/// <param name="InPlace">Whether the value is an address that keeps its place: bits below the lowest are zero.</param>
/// <param name="Step">Distance from one bit to the next; more than 1 where another field stands between them.</param>
/// <param name="Below">Of a field in several ranges, the others, high part first: they follow below in the value.</param>
public sealed record BitField(
    string Name, int High, int Lowest, bool InPlace = false, int Step = 1, IReadOnlyList<(int High, int Lowest)>? Below = null)
{
    /// <summary>The field's value, taken bit after bit.</summary>
    public ulong Read(BigInteger raw)
    {
        ulong value = 0;
        foreach ((int bit, int target) in Bits())
        {
            if ((raw >> bit & BigInteger.One) == BigInteger.One) value |= 1UL << target;
        }

        return value;
    }

    /// <summary>The structure with every bit of the field replaced.</summary>
    public BigInteger Write(BigInteger raw, ulong value)
    {
        foreach ((int bit, int source) in Bits())
        {
            BigInteger mask = BigInteger.One << bit;
            raw = (value >> source & 1) == 1 ? raw | mask : raw & ~mask;
        }

        return raw;
    }

    public override string ToString() => Name;

    /// <summary>Each bit, and where it stands in the value; an address keeps its place within its quadword.</summary>
    private IEnumerable<(int Bit, int Target)> Bits()
    {
        int target = 0;
        for (int i = (Below?.Count ?? 0) - 1; i >= 0; i--)
        {
            for (int bit = Below![i].Lowest; bit <= Below[i].High; bit++)
            {
                yield return (bit, target++);
            }
        }

        for (int bit = Lowest; bit <= High; bit += Step)
        {
            yield return (bit, InPlace ? bit % 64 : target++);
        }
    }
}
