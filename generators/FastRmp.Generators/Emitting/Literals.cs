using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace FastRmp.Generators.Emitting;

/// <summary>Spelling of names, numbers and texts in emitted source.</summary>
internal static class Literals
{
    /// <summary>A mask in full width: <c>0x0007_FFFF_FFFF_F000UL</c>.</summary>
    /// <param name="mask">The mask.</param>
    internal static string Mask(ulong mask) => Grouped(mask.ToString("X16", CultureInfo.InvariantCulture));

    /// <summary>A number in hexadecimal without leading zeros: <c>0x3FFUL</c>.</summary>
    /// <param name="number">The number.</param>
    internal static string Hex(ulong number) => Grouped(number.ToString("X", CultureInfo.InvariantCulture));

    /// <summary>A number in decimal.</summary>
    /// <param name="number">The number.</param>
    internal static string Decimal(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// A name with the verbatim prefix if it is a keyword or might become one: the compiler warns of type names that
    /// are all lower-case letters.
    /// </summary>
    /// <param name="name">Name without prefix.</param>
    internal static string Identifier(string name)
    {
        if (SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None) return "@" + name;
        foreach (char letter in name)
        {
            if (letter is < 'a' or > 'z') return name;
        }

        return "@" + name;
    }

    /// <summary>A text for a documentation comment: escaped, on one line.</summary>
    /// <param name="text">Any text.</param>
    internal static string Xml(string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char letter in text)
        {
            switch (letter)
            {
                case '&': escaped.Append("&amp;"); break;
                case '<': escaped.Append("&lt;"); break;
                case '>': escaped.Append("&gt;"); break;
                // Line ends of C# and everything that XML forbids.
                case '\u0085' or '\u2028' or '\u2029' or < ' ' or > '\uFFFD': escaped.Append(' '); break;
                default: escaped.Append(char.IsSurrogate(letter) ? '?' : letter); break;
            }
        }

        return escaped.ToString();
    }

    private static string Grouped(string digits)
    {
        StringBuilder literal = new("0x");
        for (int index = 0; index < digits.Length; index++)
        {
            if (index != 0 && (digits.Length - index) % 4 == 0) literal.Append('_');
            literal.Append(digits[index]);
        }

        return literal.Append("UL").ToString();
    }
}
