namespace FastRmp.Images;

/// <summary>Text from a file that is going to be printed: what could command a terminal is replaced.</summary>
internal static class PrintableText
{
    internal static string Of(string text) => string.Create(text.Length, text, static (printable, raw) =>
    {
        for (int index = 0; index < raw.Length; index++)
        {
            printable[index] = char.IsAsciiLetterOrDigit(raw[index]) || raw[index] is >= ' ' and <= '~' ? raw[index] : '?';
        }
    });
}
