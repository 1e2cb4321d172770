using System;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Text;
using ZstdSharp;

namespace FastRmp.Images;

/// <summary>Writes an RMP trace, line by line.</summary>
internal sealed class RmpTraceWriter : IDisposable
{
    private const int BufferChars = 64 * 1024;

    private readonly string _name;
    private readonly StreamWriter _lines;

    /// <summary>Takes a stream, which is disposed with the writer.</summary>
    /// <param name="stream">Where the text goes.</param>
    /// <param name="name">Its name for messages.</param>
    internal RmpTraceWriter(Stream stream, string name)
    {
        _name = name;
        _lines = new StreamWriter(stream, Encoding.Latin1, BufferChars) { NewLine = "\n" };
    }

    /// <summary>Makes a file, or empties it; .gz and .zst at the end of its name say that it is packed.</summary>
    /// <exception cref="IOException">It cannot be written; the message begins with the path.</exception>
    internal static RmpTraceWriter Create(string path)
    {
        try
        {
            FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read);
            Stream packed = Path.GetExtension(path) switch
            {
                ".gz" => new GZipStream(file, CompressionLevel.Optimal),
                ".zst" => new CompressionStream(file, leaveOpen: false),
                _ => file,
            };
            return new RmpTraceWriter(packed, path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException($"{path}: cannot be written: {refusal.Message}", refusal);
        }
    }

    /// <summary>Writes the heading and what the machine is.</summary>
    /// <exception cref="IOException">It cannot be written; the message begins with the name.</exception>
    internal void Head(ProcessorModel processor, ReadOnlySpan<PhysicalRange> ram, ReadOnlySpan<PhysicalRange> mapped4K)
    {
        Line("# fastrmp rmp trace 1");
        if (ProcessorModel.TryGetPreset(processor.Name, out _)) Line($"processor {processor.Name}");
        Ranges("ram", ram);
        Ranges("mapped 4k", mapped4K);
    }

    /// <summary>Writes an event.</summary>
    /// <exception cref="IOException">It cannot be written; the message begins with the name.</exception>
    internal void Write(in RmpTraceEvent one) => Line(one.ToString());

    /// <summary>Writes out what is still in memory.</summary>
    /// <exception cref="IOException">It cannot be written; the message begins with the name.</exception>
    internal void Finish()
    {
        try
        {
            _lines.Dispose();
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw Refused(refusal);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _lines.Dispose();
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            // Said before, or the trace is given up for another reason.
        }
    }

    private void Ranges(string verb, ReadOnlySpan<PhysicalRange> ranges)
    {
        foreach (PhysicalRange range in ranges)
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"{verb} {range.Start.Value:x}-{range.End - 1:x}"));
        }
    }

    private void Line(string text)
    {
        try
        {
            _lines.WriteLine(text);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw Refused(refusal);
        }
    }

    private IOException Refused(Exception refusal) => new($"{_name}: cannot be written, and is incomplete: {refusal.Message}", refusal);
}
