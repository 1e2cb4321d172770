using System;

namespace FastRmp.Cli.Map;

/// <summary>The nine letters of a leaf entry, of each of the 512 combinations once.</summary>
internal static class LeafFlags
{
    private const string Letters = "XGPDACTUW"; // of bits 8 to 0 of an index
    private const int Large = 1 << 6;

    private static readonly byte[] Texts = All();

    /// <summary>The letters.</summary>
    /// <param name="leaf">The entry.</param>
    /// <param name="isLarge">Whether the letter P, a large page, is shown.</param>
    /// <returns>Nine bytes of ASCII; a dash for a letter that does not hold.</returns>
    internal static ReadOnlySpan<byte> Of(PagingEntry leaf, bool isLarge)
    {
        // Bits 6 to 1 of the entry are D, A, PCD, PWT, U/S and R/W, in the order of the letters.
        int index = ((int)leaf.Value >> 1) & 0x3F;
        if (leaf.NoExecute) index |= 1 << 8;
        if (leaf.Global) index |= 1 << 7;
        if (isLarge) index |= Large;
        return Texts.AsSpan(index * Letters.Length, Letters.Length);
    }

    private static byte[] All()
    {
        byte[] texts = new byte[Letters.Length << Letters.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            int letter = i % Letters.Length;
            bool holds = ((i / Letters.Length) >> (Letters.Length - 1 - letter) & 1) != 0;
            texts[i] = (byte)(holds ? Letters[letter] : '-');
        }

        return texts;
    }
}
