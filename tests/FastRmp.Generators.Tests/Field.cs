using System.Collections.Generic;
using System.Linq;

namespace FastRmp.Generators.Tests;

/// <summary>A field of a random layout, read and written bit by bit.</summary>
/// <param name="Name">Property name.</param>
/// <param name="Shape">What it is.</param>
/// <param name="Ranges">Ranges, high part first.</param>
internal sealed record Field(string Name, FieldShape Shape, List<(int High, int Low)> Ranges)
{
    internal int Width => Ranges.Sum(static range => range.High - range.Low + 1);

    internal string TypeName => (Shape, Width) switch
    {
        (FieldShape.Bool, _) => "bool",
        (FieldShape.Address, _) => "ulong",
        (_, <= 8) => "byte",
        (_, <= 16) => "ushort",
        (_, <= 32) => "uint",
        _ => "ulong",
    };

    internal ulong Read(ulong[] words)
    {
        ulong value = 0;
        foreach (int bit in Bits())
        {
            ulong one = (words[bit / 64] >> (bit % 64)) & 1;
            value = Shape == FieldShape.Address ? value | (one << (bit % 64)) : (value << 1) | one;
        }

        return value;
    }

    internal ulong[] Write(ulong[] words, ulong value)
    {
        ulong[] changed = [.. words];
        int left = Width;
        foreach (int bit in Bits())
        {
            left--;
            ulong one = (value >> (Shape == FieldShape.Address ? bit % 64 : left)) & 1;
            changed[bit / 64] = (changed[bit / 64] & ~(1UL << (bit % 64))) | (one << (bit % 64));
        }

        return changed;
    }

    // From the highest bit of the value to the lowest.
    private IEnumerable<int> Bits()
    {
        foreach ((int high, int low) in Ranges)
        {
            for (int bit = high; bit >= low; bit--)
            {
                yield return bit;
            }
        }
    }
}
