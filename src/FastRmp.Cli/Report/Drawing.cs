namespace FastRmp.Cli.Report;

/// <summary>The element around a drawing, with what a screen reader says of it.</summary>
internal static class Drawing
{
    /// <summary>Opens a drawing; close it.</summary>
    internal static void Open(HtmlWriter html, string id, string viewBox, string title, string description, string kind = "plot")
    {
        html.Open(
                "svg", ("xmlns", "http://www.w3.org/2000/svg"), ("class", kind), ("viewBox", viewBox), ("role", "img"),
                ("aria-labelledby", $"{id}-title {id}-desc"))
            .Element("title", title, ("id", $"{id}-title"))
            .Element("desc", description, ("id", $"{id}-desc"));
    }

    /// <summary>A name for an element: letters, digits and hyphens.</summary>
    internal static string Id(string prefix, string name) =>
        $"{prefix}-{string.Create(name.Length, name, static (to, from) =>
        {
            for (int i = 0; i < from.Length; i++)
            {
                to[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '-';
            }
        })}";
}
