using System;
using FastRmp.Images;

namespace FastRmp.Cli.Sources;

/// <summary>The image that a user names: a file, or the files of a split dump, and for raw memory where it belongs.</summary>
/// <param name="Names">The files; <c>-</c> alone for standard input.</param>
/// <param name="Ram">A layout, or the name of a file that has one; null for formats that say it themselves.</param>
internal sealed record ImageFiles(string[] Names, string? Ram)
{
    /// <summary>What is wrong with the names; null if nothing.</summary>
    internal string? Problem
    {
        get
        {
            if (Array.IndexOf(Names, string.Empty) >= 0) return "a file name is empty";
            if (Names.Length > 1 && Array.IndexOf(Names, ImageSource.StandardInput) >= 0) return "- cannot be one of several files";
            return Ram is { Length: 0 } ? "--ram: the layout is empty" : null;
        }
    }

    /// <summary>What the files do not say.</summary>
    internal MemoryImageOptions Options() => new() { Ram = Layout() };

    private RamLayout? Layout()
    {
        if (Ram is null) return null;
        return RamLayout.TryParse(Ram, out RamLayout? layout) ? layout : RamLayout.Open(Ram);
    }
}
