using System.Globalization;
using System.Text;

namespace FastRmp.Generators.Models;

/// <summary>One declared field.</summary>
/// <param name="Name">Property name without the verbatim prefix.</param>
/// <param name="Modifiers">Modifiers of the property as declared, which its implementation has to repeat.</param>
/// <param name="Accessibility">Accessibility of everything emitted for the field.</param>
/// <param name="GetModifiers">Modifiers of the getter as declared.</param>
/// <param name="InitModifiers">Modifiers of the <c>init</c> accessor as declared; null if the property has none.</param>
/// <param name="TypeName">Property type with <c>global::</c>.</param>
/// <param name="Kind">How bits become the value.</param>
/// <param name="IsFlags">Whether the type is an enum marked as flags.</param>
/// <param name="IsDocumented">Whether the declaration carries a documentation comment.</param>
/// <param name="Documentation">The lines of the comment to repeat, of a field from a shared part; else empty.</param>
/// <param name="Ranges">The ranges, high part first; never empty.</param>
/// <param name="EnumMembers">Names of an enum's values that fit the field, one a value.</param>
internal sealed record FieldModel(
    string Name,
    string Modifiers,
    string Accessibility,
    string GetModifiers,
    string? InitModifiers,
    string TypeName,
    FieldKind Kind,
    bool IsFlags,
    bool IsDocumented,
    EquatableArray<string> Documentation,
    EquatableArray<RangeModel> Ranges,
    EquatableArray<EnumMemberModel> EnumMembers)
{
    /// <summary>Whether the value is put together from several ranges.</summary>
    public bool IsSplit => Ranges.Length > 1;

    /// <summary>Number of bits over all ranges.</summary>
    public int Width
    {
        get
        {
            int width = 0;
            foreach (RangeModel range in Ranges)
            {
                width += range.Width;
            }

            return width;
        }
    }

    /// <summary>The ranges for documentation: <c>bits [50:12]</c>, <c>bit [3]</c>, <c>bits [60:58], [15:0]</c>.</summary>
    public string BitsText
    {
        get
        {
            StringBuilder text = new(Width == 1 ? "bit " : "bits ");
            for (int index = 0; index < Ranges.Length; index++)
            {
                if (index != 0) text.Append(", ");
                text.Append(Ranges[index].Text);
            }

            return text.ToString();
        }
    }

    /// <summary>Prefix of the constants of one range.</summary>
    /// <param name="part">Index into <see cref="Ranges"/>.</param>
    public string ConstantPrefix(int part) => ConstantPrefix(Name, Ranges.Length, part);

    /// <summary>Prefix of the constants of one range: the field's name, or with <c>Part0</c>, <c>Part1</c>, … if it has several.</summary>
    /// <param name="name">Name of the field.</param>
    /// <param name="ranges">Number of ranges.</param>
    /// <param name="part">Index of the range.</param>
    internal static string ConstantPrefix(string name, int ranges, int part) =>
        ranges > 1 ? name + "Part" + part.ToString(CultureInfo.InvariantCulture) : name;
}
