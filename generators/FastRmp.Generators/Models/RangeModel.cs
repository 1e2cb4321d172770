using System.Globalization;

namespace FastRmp.Generators.Models;

/// <summary>An inclusive range of bits, counted over the whole structure.</summary>
/// <param name="High">Highest bit.</param>
/// <param name="Low">Lowest bit, not above <paramref name="High"/>.</param>
internal sealed record RangeModel(int High, int Low)
{
    /// <summary>Bits in a quadword.</summary>
    internal const int WordBits = 64;

    /// <summary>Number of bits.</summary>
    public int Width => High - Low + 1;

    /// <summary>Index of the quadword that holds the lowest bit.</summary>
    public int Word => Low / WordBits;

    /// <summary>Position of the lowest bit in its quadword.</summary>
    public int Shift => Low % WordBits;

    /// <summary>Mask in place within its quadword, for a range that does not cross one.</summary>
    public ulong Mask => Ones(Width) << Shift;

    /// <summary>The part of the range that lies in a quadword, as a mask in place; 0 if none does.</summary>
    /// <param name="word">Quadword index.</param>
    public ulong MaskIn(int word)
    {
        int low = System.Math.Max(Low - (word * WordBits), 0);
        int high = System.Math.Min(High - (word * WordBits), WordBits - 1);
        return high < low ? 0UL : Ones(high - low + 1) << low;
    }

    /// <summary>The range as the manuals write it: <c>[50:12]</c>, <c>[3]</c>.</summary>
    public string Text => High == Low
        ? string.Format(CultureInfo.InvariantCulture, "[{0}]", High)
        : string.Format(CultureInfo.InvariantCulture, "[{0}:{1}]", High, Low);

    /// <summary>A number whose lowest bits are ones.</summary>
    /// <param name="width">How many ones, 1 to 64.</param>
    internal static ulong Ones(int width) => width >= WordBits ? ulong.MaxValue : (1UL << width) - 1;
}
