using System;
using System.IO;
using System.IO.Compression;
using ZstdSharp;

namespace FastRmp.Images;

/// <summary>Writes an RMP trace in one of its forms.</summary>
internal abstract class RmpTraceWriter : IDisposable
{
    /// <summary>What the name of a file ends in, before .gz or .zst, to which the binary form is written.</summary>
    internal const string BinaryExtension = ".rmpt";

    private readonly string _name;

    /// <summary>For an output that messages call by a name.</summary>
    private protected RmpTraceWriter(string name) => _name = name;

    /// <summary>Makes a file, or empties it; .gz and .zst at the end of its name say that it is packed, and .rmpt before these that it is
    /// of the binary form.</summary>
    /// <exception cref="IOException">It cannot be written; the message begins with the path.</exception>
    internal static RmpTraceWriter Create(string path)
    {
        try
        {
            FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read);
            string extension = Path.GetExtension(path);
            Stream packed = extension switch
            {
                ".gz" => new GZipStream(file, CompressionLevel.Optimal),
                ".zst" => new CompressionStream(file, leaveOpen: false),
                _ => file,
            };
            string inner = packed == file ? extension : Path.GetExtension(Path.GetFileNameWithoutExtension(path));
            return inner == BinaryExtension ? new RmpBinaryWriter(packed, path) : new RmpTextWriter(packed, path);
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
        try
        {
            PutHead(processor, ram, mapped4K);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw Refused(refusal);
        }
    }

    /// <summary>Writes an event.</summary>
    /// <exception cref="IOException">It cannot be written; the message begins with the name.</exception>
    internal void Write(in RmpTraceEvent one)
    {
        try
        {
            Put(one);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw Refused(refusal);
        }
    }

    /// <summary>Writes out what is still in memory.</summary>
    /// <exception cref="IOException">It cannot be written; the message begins with the name.</exception>
    internal void Finish()
    {
        try
        {
            Complete();
            Close();
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
            Close();
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            // Said before, or the trace is given up for another reason.
        }
    }

    /// <summary>Writes the heading.</summary>
    protected abstract void PutHead(ProcessorModel processor, ReadOnlySpan<PhysicalRange> ram, ReadOnlySpan<PhysicalRange> mapped4K);

    /// <summary>Writes an event.</summary>
    protected abstract void Put(in RmpTraceEvent one);

    /// <summary>Writes what says that the trace is whole.</summary>
    protected virtual void Complete()
    {
    }

    /// <summary>Writes out what is in memory, and closes the stream; again, it does nothing.</summary>
    protected abstract void Close();

    private IOException Refused(Exception refusal) => new($"{_name}: cannot be written, and is incomplete: {refusal.Message}", refusal);
}
