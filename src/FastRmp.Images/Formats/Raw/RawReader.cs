namespace FastRmp.Images;

/// <summary>Reads memory without any header, where the caller says what lies where.</summary>
internal static class RawReader
{
    internal static ImageContents Read(string name, ByteSource source, RamLayout layout, InputProblems problems)
    {
        SegmentCollector segments = new(name, source, problems, "the range");
        foreach (MemorySegment piece in layout.Pieces(name, source.Length))
        {
            segments.Add(piece.Offset, piece.Start.Value, piece.Offset, piece.Length, piece.Length);
        }

        return new ImageContents(segments.TakePages(out _), [], null, [], problems)
        {
            Description = new ImageDescription { Format = MemoryImageFormat.Raw },
        };
    }
}
