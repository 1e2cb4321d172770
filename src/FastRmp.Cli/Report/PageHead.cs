using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace FastRmp.Cli.Report;

/// <summary>What begins every page: its title, its style, and what it may do.</summary>
internal static class PageHead
{
    /// <summary>Opens the document and writes its head; the document stays open.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="title">The title.</param>
    /// <param name="script">The only script that may run; null for none.</param>
    internal static void Write(HtmlWriter html, string title, string? script)
    {
        html.Verbatim("<!DOCTYPE html>\n")
            .Open("html", ("xmlns", "http://www.w3.org/1999/xhtml"), ("lang", "en"))
            .Open("head")
            .Empty("meta", ("charset", "utf-8"))
            .Empty("meta", ("http-equiv", "Content-Security-Policy"), ("content", ContentPolicy(script)))
            .Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"))
            .Empty("meta", ("name", "color-scheme"), ("content", "light dark"))
            .Element("title", title)
            .Open("style").Verbatim(Resource("report/report.css")).Close()
            .Close();
    }

    /// <summary>A text that was built into the tool.</summary>
    internal static string Resource(string name)
    {
        using Stream stream = typeof(PageHead).Assembly.GetManifestResourceStream(
            name) ?? throw new InvalidOperationException($"The tool was built without {name}.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    // Nothing is fetched, and no other script runs, whatever a trace has in its names.
    private static string ContentPolicy(string? script)
    {
        string allowed = script is null
            ? string.Empty
            : $"; script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'";
        return $"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'{allowed}";
    }
}
