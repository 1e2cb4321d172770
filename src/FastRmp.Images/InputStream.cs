using System;
using System.IO;
using System.Runtime.ExceptionServices;

namespace FastRmp.Images;

/// <summary>The bytes of an input from front to back, decompressed where they are gzip or zstd (noticed by content, not by
/// name).</summary>
/// <remarks>
/// <para>A read throws <see cref="MalformedInputException"/> where compressed data is cut or corrupt, after everything before was handed
/// out as far as it was decompressed.</para>
/// <para>For one thread.</para>
/// </remarks>
internal sealed class InputStream : Stream
{
    private const int HeadBytes = 18;
    private const ulong MaxGzipRatio = 1032; // deflate's best: 258 bytes for two bits

    private readonly RawSource _source;
    private readonly ReadOnlyForwardStream? _unpacked;
    private byte[] _ahead = [];
    private int _aheadStart;
    private Exception? _aheadFailure;

    /// <summary>Takes a stream, for instance standard input, and looks at its first bytes.</summary>
    /// <param name="stream">The raw bytes.</param>
    /// <param name="name">The input's name for messages: a path, or <c>-</c>.</param>
    /// <param name="leaveOpen">Whether <paramref name="stream"/> stays open when this one is disposed.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public InputStream(Stream stream, string name, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        FileLength = stream.CanSeek ? stream.Length : null;
        _source = new RawSource(stream, leaveOpen);
        ReadOnlySpan<byte> head = _source.Peek(HeadBytes);
        if (GunzipStream.IsMagic(head))
        {
            Packing = "gzip";
            UnpackedLengthLimit = FileLength is { } length ? ((ulong)length + 1) * MaxGzipRatio : 0;
            _unpacked = new GunzipStream(_source, name);
        }
        else if (UnzstdStream.IsMagic(head))
        {
            Packing = "zstd";
            UnpackedLengthLimit = UnzstdStream.DeclaredLength(head);
            _unpacked = new UnzstdStream(_source, name);
        }
        else
        {
            UnpackedLengthLimit = (ulong)(FileLength ?? 0);
        }
    }

    /// <summary>The input's name.</summary>
    public string Name { get; }

    /// <summary>Whether the input is compressed.</summary>
    public bool IsCompressed => _unpacked is not null;

    /// <summary>How it is compressed: <c>gzip</c> or <c>zstd</c>; null if it is not.</summary>
    internal string? Packing { get; }

    /// <summary>The size after decompression that is not likely to be passed; zero if there is none.</summary>
    internal ulong UnpackedLengthLimit { get; }

    /// <summary>Bytes taken from the file so far, before decompression: what a progress bar compares with the file's size.</summary>
    public long BytesConsumed => _source.BytesConsumed;

    /// <summary>The size of the file in bytes, before decompression; null where it is not known, as for a pipe.</summary>
    public long? FileLength { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <summary>Not known beforehand.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Length => throw new NotSupportedException();

    /// <summary>Not supported: the input goes forward only.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file; a pipe or a device will do.</param>
    /// <returns>The stream; dispose it.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory; the message begins with the path.</exception>
    public static InputStream Open(string path)
    {
        FileStream file = OpenRaw(path);
        try
        {
            return new InputStream(file, path);
        }
        catch (IOException refusal)
        {
            file.Dispose();
            throw new IOException($"{path}: cannot be read: {refusal.Message}", refusal);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <summary>Reads the next bytes.</summary>
    /// <param name="buffer">Receives them.</param>
    /// <returns>How many there were; 0 at the end.</returns>
    /// <exception cref="MalformedInputException">The compressed data is cut or corrupt here.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_aheadStart != _ahead.Length)
        {
            int count = Math.Min(buffer.Length, _ahead.Length - _aheadStart);
            _ahead.AsSpan(_aheadStart, count).CopyTo(buffer);
            _aheadStart += count;
            return count;
        }

        if (_aheadFailure is not { } failure) return ReadOn(buffer);
        _aheadFailure = null;
        ExceptionDispatchInfo.Throw(failure);
        return 0;
    }

    /// <summary>The first bytes, unpacked, without taking them: for who decides by them what the input is.</summary>
    /// <param name="count">How many; fewer come only if the input has no more, or is cut or corrupt there, of which the read after them
    /// tells.</param>
    /// <returns>Valid until the next call. For a call before the first read.</returns>
    internal ReadOnlySpan<byte> Head(int count)
    {
        if (_ahead.Length != 0 || _aheadFailure is not null) return _ahead;
        byte[] head = new byte[count];
        int length = 0;
        try
        {
            for (int read; length < count && (read = ReadOn(head.AsSpan(length))) != 0; length += read)
            {
                // a pipe gives what it has
            }
        }
        catch (Exception failure) when (failure is IOException or MalformedInputException)
        {
            _aheadFailure = failure;
        }

        return _ahead = head[..length];
    }

    private int ReadOn(Span<byte> buffer) => _unpacked is null ? _source.ReadThrough(buffer) : _unpacked.Read(buffer);

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <summary>Not supported.</summary>
    /// <param name="offset">Not looked at.</param>
    /// <param name="origin">Not looked at.</param>
    /// <returns>Never.</returns>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <param name="value">Not looked at.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Not supported.</summary>
    /// <param name="buffer">Not looked at.</param>
    /// <param name="offset">Not looked at.</param>
    /// <param name="count">Not looked at.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Opens a file without looking at its content.</summary>
    internal static FileStream OpenRaw(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw new IOException($"{path}: is a directory, not a file");
        try
        {
            return new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception refusal) when (refusal is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"{path}: there is no such file", refusal);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException($"{path}: cannot be opened: {refusal.Message}", refusal);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _unpacked?.Dispose();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }
}
