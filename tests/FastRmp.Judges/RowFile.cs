using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Text;

namespace FastRmp.Judges;

/// <summary>Text files of rows, plain or gzip.</summary>
internal static class RowFile
{
    private const string Compressed = ".gz";
    private const int FirstMagic = 0x1F;
    private const int SecondMagic = 0x8B;

    /// <summary>
    /// The files directly in a folder whose names end with one of the endings, or with one and <c>.gz</c>; in the order of their names.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    internal static List<string> In(string folder, string ending)
    {
        List<string> files = [];
        foreach (string file in Directory.GetFiles(folder))
        {
            if (Plain(file).EndsWith(ending, StringComparison.Ordinal)) files.Add(file);
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>A file's name without <c>.gz</c>.</summary>
    internal static string Plain(string file) => file.EndsWith(Compressed, StringComparison.Ordinal) ? file[..^Compressed.Length] : file;

    /// <summary>Opens a file for reading; gzip is decompressed, whatever the file's name.</summary>
    internal static StreamReader Open(string file)
    {
        FileStream bytes = File.OpenRead(file);
        bool isCompressed = bytes.ReadByte() == FirstMagic && bytes.ReadByte() == SecondMagic;
        bytes.Position = 0;
        return new StreamReader(
            isCompressed || file.EndsWith(Compressed, StringComparison.Ordinal) ? new GZipStream(bytes, CompressionMode.Decompress) : bytes,
            Encoding.UTF8);
    }

    /// <summary>Reads a file whole.</summary>
    internal static string ReadAll(string file)
    {
        using StreamReader reader = Open(file);
        return reader.ReadToEnd();
    }
}
