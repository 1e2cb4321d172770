using System.Globalization;
using FastRmp.Images;

namespace FastRmp.Cli.Walk;

/// <summary>Reserved bits that a walk met, in words.</summary>
internal static class ReservedText
{
    /// <summary>The bits, by their numbers too, and where they are address bits how many of those there are.</summary>
    /// <param name="bits">The bits in their places; not none.</param>
    /// <param name="width">The physical-address width.</param>
    internal static string Of(ulong bits, int width)
    {
        string text = $"reserved: {EntryLine.Hex(bits)} ({ReservedBits.Names(bits)})";
        return (bits & PagingEntry.AddressMask) >> width == 0
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text}; physical addresses have {width} bits");
    }
}
