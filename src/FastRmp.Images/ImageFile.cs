using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;

namespace FastRmp.Images;

/// <summary>The bytes of a memory image in pinned memory: a plain file is mapped, a gzip file or a pipe is read whole.</summary>
/// <remarks>Immutable; any threads may read. Dispose it after the last use of anything that looks into it.</remarks>
public sealed class ImageFile : IDisposable
{
    private const ulong FirstReservation = 16UL << 20;
    private const int ReadBytes = 1 << 20;

    private ImageFile(string name, PinnedMemory memory, ulong length, InputProblem? problem)
    {
        Name = name;
        Memory = memory;
        Length = length;
        Problem = problem;
    }

    /// <summary>The input's name.</summary>
    public string Name { get; }

    /// <summary>The block that holds the bytes; it may be longer than <see cref="Length"/>, the rest is zero.</summary>
    public PinnedMemory Memory { get; }

    /// <summary>The size of the image in bytes, after decompression.</summary>
    public ulong Length { get; }

    /// <summary>Why the image ends where it does, if its gzip data is cut or corrupt: what was decompressed before is here.</summary>
    public InputProblem? Problem { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file: plain, gzip, or a pipe.</param>
    /// <returns>The image.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory, or cannot be held; the message begins with the
    /// path.</exception>
    /// <exception cref="MalformedInputException">The file is empty, or is gzip data of which nothing could be decompressed.</exception>
    public static ImageFile Open(string path)
    {
        using InputStream stream = InputStream.Open(path);
        return stream.IsCompressed || stream.FileLength is null or 0 ? Read(stream) : Map(path);
    }

    /// <summary>Reads a stream to its end, for instance standard input; gzip data is decompressed.</summary>
    /// <param name="stream">The raw bytes; stays open.</param>
    /// <param name="name">The input's name for messages.</param>
    /// <returns>The image.</returns>
    /// <exception cref="IOException">The stream cannot be read, or the image cannot be held.</exception>
    /// <exception cref="MalformedInputException">The stream is empty, or is gzip data of which nothing could be decompressed.</exception>
    public static ImageFile Read(Stream stream, string name)
    {
        using InputStream input = new(stream, name, leaveOpen: true);
        return Read(input);
    }

    /// <summary>A part of the image.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside the image.</exception>
    public ReadOnlySpan<byte> Bytes(ulong offset, int length)
    {
        if (length < 0 || !Contains(offset, (ulong)length))
        {
            throw new ArgumentOutOfRangeException(
                nameof(length), $"0x{length:x} bytes at 0x{offset:x} do not lie inside the 0x{Length:x} bytes of the image.");
        }

        return Memory.ReadOnlySpan(offset, length);
    }

    /// <summary>Whether a part lies inside the image; no sum overflows.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>Whether all of the part is there.</returns>
    public bool Contains(ulong offset, ulong length) => offset <= Length && length <= Length - offset;

    /// <summary>Releases the memory.</summary>
    public void Dispose() => Memory.Dispose();

    private static ImageFile Map(string path)
    {
        try
        {
            PinnedMemory memory = PinnedMemory.OpenFile(path);
            return new ImageFile(path, memory, memory.Length, problem: null);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new IOException($"{path}: cannot be mapped: {refusal.Message}", refusal);
        }
    }

    private static ImageFile Read(InputStream stream)
    {
        // Reserved memory is not committed until it is touched, so that growing by doubling uses up address space only.
        PinnedMemory memory = PinnedMemory.Reserve(FirstReservation);
        try
        {
            ulong length = 0;
            InputProblem? problem = null;
            try
            {
                int count;
                do
                {
                    if (memory.Length - length < ReadBytes) memory = Grow(memory, length);
                    count = stream.Read(memory.Span(length, ReadBytes));
                    length += (uint)count;
                }
                while (count != 0);
            }
            catch (MalformedInputException cut) when (length != 0)
            {
                problem = cut.Problem;
            }

            if (length == 0) throw new MalformedInputException(InputProblem.AtOffset(stream.Name, 0, "the file is empty"));
            ImageFile image = new(stream.Name, memory, length, problem);
            memory = null!;
            return image;
        }
        finally
        {
            memory?.Dispose();
        }
    }

    [SuppressMessage(
        "Reliability", "CA2000:Dispose objects before losing scope",
        Justification = "The new block replaces the old one in the caller's hand.")]
    private static PinnedMemory Grow(PinnedMemory memory, ulong length)
    {
        PinnedMemory larger = PinnedMemory.Reserve(memory.Length * 2);
        for (ulong done = 0; done < length;)
        {
            int count = (int)Math.Min(length - done, ReadBytes);
            memory.ReadOnlySpan(done, count).CopyTo(larger.Span(done, count));
            done += (uint)count;
        }

        memory.Dispose();
        return larger;
    }
}
