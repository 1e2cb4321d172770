using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace FastRmp.Images;

/// <summary>Writes an RMP trace as text, line by line.</summary>
internal sealed class RmpTextWriter : RmpTraceWriter
{
    private const int BufferChars = 64 * 1024;
    private const int LineChars = 512;

    private readonly StreamWriter _lines;
    private readonly StringBuilder _line = new(LineChars);

    /// <summary>Takes a stream, which is disposed with the writer.</summary>
    /// <param name="stream">Where the text goes.</param>
    /// <param name="name">Its name for messages.</param>
    internal RmpTextWriter(Stream stream, string name)
        : base(name) => _lines = new StreamWriter(stream, Encoding.Latin1, BufferChars) { NewLine = "\n" };

    /// <inheritdoc/>
    protected override void PutHead(ProcessorModel processor, ReadOnlySpan<PhysicalRange> ram, ReadOnlySpan<PhysicalRange> mapped4K)
    {
        _lines.WriteLine("# fastrmp rmp trace 1");
        if (ProcessorModel.TryGetPreset(processor.Name, out _)) _lines.WriteLine($"processor {processor.Name}");
        Ranges("ram", ram);
        Ranges("mapped 4k", mapped4K);
    }

    /// <inheritdoc/>
    protected override void Put(in RmpTraceEvent one)
    {
        _line.Clear();
        one.AppendTo(_line);
        _line.Append('\n');
        foreach (ReadOnlyMemory<char> part in _line.GetChunks())
        {
            _lines.Write(part.Span);
        }
    }

    /// <inheritdoc/>
    protected override void Close() => _lines.Dispose();

    private void Ranges(string verb, ReadOnlySpan<PhysicalRange> ranges)
    {
        foreach (PhysicalRange range in ranges)
        {
            _lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{verb} {range.Start.Value:x}-{range.End - 1:x}"));
        }
    }
}
