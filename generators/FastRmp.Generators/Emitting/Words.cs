using System.Globalization;

namespace FastRmp.Generators.Emitting;

/// <summary>What the quadwords of a layout are called.</summary>
internal static class Words
{
    /// <summary>Public name of a quadword's property: <c>Value</c>; <c>Low</c>, <c>High</c>; <c>Word0</c> to <c>Word3</c>.</summary>
    /// <param name="size">Size of the layout in bits.</param>
    /// <param name="word">Quadword index.</param>
    internal static string Property(int size, int word) => size == 64 ? "Value" : Prefix(size, word);

    /// <summary>Prefix of a quadword's reserved mask: as <see cref="Property"/>, but nothing where there is one quadword alone.</summary>
    /// <param name="size">Size of the layout in bits.</param>
    /// <param name="word">Quadword index.</param>
    internal static string Prefix(int size, int word) => size switch
    {
        64 => string.Empty,
        128 => word == 0 ? "Low" : "High",
        _ => "Word" + word.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Name of a constructor parameter.</summary>
    /// <param name="size">Size of the layout in bits.</param>
    /// <param name="word">Quadword index.</param>
    internal static string Parameter(int size, int word)
    {
        string name = Property(size, word);
        return char.ToLowerInvariant(name[0]) + name.Substring(1);
    }

    /// <summary>Name of a storage field.</summary>
    /// <param name="size">Size of the layout in bits.</param>
    /// <param name="word">Quadword index.</param>
    internal static string Storage(int size, int word) => "_" + Parameter(size, word);

    /// <summary>Name of a quadword's reserved mask.</summary>
    /// <param name="size">Size of the layout in bits.</param>
    /// <param name="word">Quadword index.</param>
    internal static string ReservedMask(int size, int word) => Prefix(size, word) + "ReservedMask";
}
