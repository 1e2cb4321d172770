using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using System.IO.Compression;

namespace FastRmp.Images;

/// <summary>Decompresses gzip members (RFC 1952) and notices every cut and every flipped bit.</summary>
/// <remarks>
/// The runtime's own gzip stream takes the end of a cut file for the end of the data. Here the members' headers and
/// trailers are read by hand, and the runtime only inflates. Where a member's deflate data ends, the inflater does not
/// say; its checksum and length do: they are known by then, and are looked for in the last chunk that it was given.
/// </remarks>
internal sealed class GunzipStream : ReadOnlyForwardStream
{
    private const int HeaderBytes = 10;
    private const int TrailerBytes = 8;
    private const byte DeflateMethod = 8;
    private const byte HeaderCheck = 0b0_0010;
    private const byte ExtraField = 0b0_0100;
    private const byte OriginalName = 0b0_1000;
    private const byte Comment = 0b1_0000;
    private const byte ReservedFlags = 0b1110_0000;

    private readonly RawSource _source;
    private readonly string _name;
    private DeflateStream? _inflater;
    private uint _crc;
    private uint _memberLength;
    private bool _finished;

    internal GunzipStream(RawSource source, string name)
    {
        _source = source;
        _name = name;
    }

    /// <summary>Bytes handed out so far.</summary>
    internal ulong BytesDecompressed { get; private set; }

    internal static bool IsMagic(ReadOnlySpan<byte> bytes) => bytes is [0x1F, 0x8B, ..];

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        while (!_finished)
        {
            if (_inflater is null) BeginMember();
            int count = Inflate(buffer);
            if (count != 0)
            {
                _crc = Crc32.Append(_crc, buffer[..count]);
                _memberLength += (uint)count;
                BytesDecompressed += (uint)count;
                return count;
            }

            EndMember();
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inflater?.Dispose();
        base.Dispose(disposing);
    }

    private int Inflate(Span<byte> buffer)
    {
        try
        {
            return _inflater!.Read(buffer);
        }
        catch (InvalidDataException corrupt)
        {
            throw Malformed("is corrupt", corrupt);
        }
    }

    private void BeginMember()
    {
        ReadOnlySpan<byte> header = _source.Peek(HeaderBytes);
        if (header.Length >= 2 && !IsMagic(header)) throw Malformed("is followed by bytes that are not gzip");
        if (header.Length < HeaderBytes) throw Malformed("is cut short");
        byte flags = header[3];
        if (header[2] != DeflateMethod || (flags & ReservedFlags) != 0)
        {
            throw Malformed("has a member header that is not valid");
        }

        _source.Skip(HeaderBytes);
        if ((flags & ExtraField) != 0) Skip(BinaryPrimitives.ReadUInt16LittleEndian(Require(2)), 2);
        if ((flags & OriginalName) != 0) SkipText();
        if ((flags & Comment) != 0) SkipText();
        if ((flags & HeaderCheck) != 0) Skip(2, 0);
        _crc = 0;
        _memberLength = 0;
        _inflater = new DeflateStream(_source, CompressionMode.Decompress, leaveOpen: true);
    }

    private void EndMember()
    {
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], _memberLength);
        int found = _source.LastChunkAnd(TrailerBytes).IndexOf(trailer);
        if (found < 0) throw Malformed("is cut short or corrupt: its checksum and length do not follow");
        _source.ContinueAt(found + TrailerBytes);
        _inflater!.Dispose();
        _inflater = null;
        _finished = !IsMoreToCome();
    }

    // Zero bytes after the last member are padding: tapes and block devices have a fixed block size.
    private bool IsMoreToCome()
    {
        ReadOnlySpan<byte> next;
        while (!(next = _source.Peek(RawSource.ChunkBytes)).IsEmpty)
        {
            int zeros = next.IndexOfAnyExcept((byte)0);
            if (zeros == 0) return true;
            _source.Skip(zeros < 0 ? next.Length : zeros);
        }

        return false;
    }

    private void SkipText()
    {
        while (true)
        {
            ReadOnlySpan<byte> text = _source.Peek(RawSource.ChunkBytes);
            if (text.IsEmpty) throw Malformed("is cut short");
            int end = text.IndexOf((byte)0);
            _source.Skip(end < 0 ? text.Length : end + 1);
            if (end >= 0) return;
        }
    }

    private void Skip(int count, int more)
    {
        _ = Require(count + more);
        _source.Skip(count + more);
    }

    private ReadOnlySpan<byte> Require(int count)
    {
        ReadOnlySpan<byte> bytes = _source.Peek(count);
        return bytes.Length == count ? bytes : throw Malformed("is cut short");
    }

    private MalformedInputException Malformed(string what, Exception? inner = null)
    {
        string reason =
            string.Create(CultureInfo.InvariantCulture, $"the gzip data {what}; {BytesDecompressed} bytes were decompressed before");
        InputProblem problem = InputProblem.AtOffset(_name, BytesDecompressed, reason);
        return inner is null ? new MalformedInputException(problem) : new MalformedInputException(problem, inner);
    }
}
