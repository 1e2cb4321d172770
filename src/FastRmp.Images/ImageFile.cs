using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using Microsoft.Win32.SafeHandles;

namespace FastRmp.Images;

/// <summary>The bytes of a memory image: a plain file is mapped, a compressed file or a pipe is unpacked into memory, and what cannot be
/// mapped (<c>/proc/kcore</c>) is read where it is asked for.</summary>
/// <remarks>Immutable; any threads may read. Dispose it after the last use of anything that looks into it.</remarks>
public sealed class ImageFile : IDisposable
{
    /// <summary>How many bytes a <see cref="HeadCheck"/> sees: what is shorter is read whole.</summary>
    internal const int HeadBytes = 8192;

    private ImageFile(string name, ByteSource source, string? packing = null, InputProblem? problem = null)
    {
        Name = name;
        Source = source;
        Packing = packing;
        Problem = problem;
    }

    /// <summary>The input's name.</summary>
    public string Name { get; }

    /// <summary>The size of the image in bytes, after decompression.</summary>
    public ulong Length => Source.Length;

    /// <summary>The compression of the file: <c>gzip</c>, <c>zstd</c>; null if there was none.</summary>
    public string? Packing { get; }

    /// <summary>Why the image ends where it does, if its compressed data is cut or corrupt: what was decompressed before is
    /// here.</summary>
    public InputProblem? Problem { get; }

    internal ByteSource Source { get; }

    /// <summary>Whether there was more than can be of use, which was not unpacked.</summary>
    internal bool HasMore { get; private init; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file: plain, gzip, zstd, a pipe, or <c>/proc/kcore</c>.</param>
    /// <param name="maxUnpackedBytes">How many bytes that are not zero may be unpacked into memory; null for half of what this process may
    /// use.</param>
    /// <returns>The image.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory, or cannot be held; the message begins with the
    /// path.</exception>
    /// <exception cref="MalformedInputException">The file is empty, or is compressed data of which nothing could be decompressed, or too
    /// much.</exception>
    public static ImageFile Open(string path, ulong? maxUnpackedBytes = null) => Open(path, maxUnpackedBytes, check: null);

    /// <summary>Reads a stream to its end, for instance standard input; gzip and zstd data is decompressed.</summary>
    /// <param name="stream">The raw bytes; stays open.</param>
    /// <param name="name">The input's name for messages.</param>
    /// <param name="maxUnpackedBytes">How many bytes that are not zero may be unpacked into memory; null for half of what this process may
    /// use.</param>
    /// <returns>The image.</returns>
    /// <exception cref="IOException">The stream cannot be read, or the image cannot be held.</exception>
    /// <exception cref="MalformedInputException">The stream is empty, or is compressed data of which nothing could be decompressed, or too
    /// much.</exception>
    public static ImageFile Read(Stream stream, string name, ulong? maxUnpackedBytes = null) =>
        Read(stream, name, maxUnpackedBytes, check: null);

    /// <summary>A part of the image in place.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside the image.</exception>
    /// <exception cref="InvalidOperationException">The file could not be mapped: only <see cref="Read(ulong, Span{byte})"/> has its
    /// bytes.</exception>
    public ReadOnlySpan<byte> Bytes(ulong offset, int length)
    {
        if (length < 0 || !Contains(offset, (ulong)length))
        {
            throw new ArgumentOutOfRangeException(
                nameof(length), $"0x{length:x} bytes at 0x{offset:x} do not lie inside the 0x{Length:x} bytes of the image.");
        }

        return Source.TrySpan(offset, length, out ReadOnlySpan<byte> bytes)
            ? bytes : throw new InvalidOperationException($"{Name} is not mapped: its bytes can only be copied.");
    }

    /// <summary>Copies bytes.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Receives them.</param>
    /// <returns>How many there are before the end, or before the first that cannot be read.</returns>
    public int Read(ulong offset, Span<byte> destination) => Source.Read(offset, destination);

    /// <summary>Whether a part lies inside the image; no sum overflows.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>Whether all of the part is there.</returns>
    public bool Contains(ulong offset, ulong length) => Source.Contains(offset, length);

    /// <summary>Releases the memory.</summary>
    public void Dispose() => Source.Dispose();

    /// <summary>Opens a file, and refuses by its beginning what is of no use.</summary>
    internal static ImageFile Open(string path, ulong? maxUnpackedBytes, HeadCheck? check)
    {
        using InputStream stream = InputStream.Open(path);
        return stream.IsCompressed || stream.FileLength is null or 0
            ? Unpack(stream, maxUnpackedBytes, check) : Map(path, (ulong)stream.FileLength.GetValueOrDefault());
    }

    /// <summary>Reads a stream to its end, and refuses by its beginning what is of no use.</summary>
    internal static ImageFile Read(Stream stream, string name, ulong? maxUnpackedBytes, HeadCheck? check)
    {
        using InputStream input = new(stream, name, leaveOpen: true);
        return Unpack(input, maxUnpackedBytes, check);
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The image owns the source.")]
    private static ImageFile Map(string path, ulong length)
    {
        try
        {
            PinnedMemory memory = PinnedMemory.OpenFile(path);
            return new ImageFile(path, new PinnedBytes(memory, memory.Length));
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or ArgumentException or OutOfMemoryException)
        {
            return OpenUnmapped(path, length, refusal);
        }
    }

    // The running kernel's memory cannot be mapped, and no address space has room for a sparse copy of it.
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The image owns the source.")]
    private static ImageFile OpenUnmapped(string path, ulong length, Exception refusal)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            FileBytes bytes = new(handle, length);
            Span<byte> first = stackalloc byte[1];
            if (bytes.Read(0, first) == 1)
            {
                handle = null;
                return new ImageFile(path, bytes);
            }
        }
        catch (Exception second) when (second is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new IOException($"{path}: cannot be opened: {second.Message}", second);
        }
        finally
        {
            handle?.Dispose();
        }

        throw new IOException($"{path}: cannot be mapped: {refusal.Message}", refusal);
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The image owns the source.")]
    private static ImageFile Unpack(InputStream stream, ulong? maxUnpackedBytes, HeadCheck? check)
    {
        using UnpackedMemory memory = new(stream.Name, stream.Packing, stream.UnpackedLengthLimit, maxUnpackedBytes);
        InputProblem? problem = null;
        using PooledArray<byte> buffer = new(UnpackedMemory.ChunkBytes);
        int used = 0;
        ulong most = ulong.MaxValue;
        bool isRefused = false;
        try
        {
            for (int count; memory.Length + (uint)used <= most && (count = stream.Read(buffer.Span[used..])) != 0;)
            {
                used += count;
                if (check is not null && used >= HeadBytes)
                {
                    isRefused = true; // until it is known better
                    most = check(stream.Name, stream.Packing, buffer.Span[..used]);
                    isRefused = false;
                    check = null;
                }

                if (used != buffer.Length) continue;
                memory.Append(buffer.Span);
                used = 0;
            }
        }
        catch (MalformedInputException cut) when (memory.Length + (uint)used != 0 && !memory.IsRefused && !isRefused)
        {
            problem = cut.Problem;
        }

        memory.Append(buffer.Span[..used]);

        if (memory.Length == 0) throw new MalformedInputException(InputProblem.AtOffset(stream.Name, 0, "the file is empty"));
        bool hasMore = memory.Length > most;
        return new ImageFile(stream.Name, memory.Take(), stream.Packing, problem) { HasMore = hasMore };
    }
}
