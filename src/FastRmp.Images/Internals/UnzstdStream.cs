using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using ZstdSharp;

namespace FastRmp.Images;

/// <summary>Decompresses zstd frames (RFC 8878), one after the other, and notices where they are cut or corrupt.</summary>
/// <remarks>A frame whose window is larger than 128 MiB is refused, as <c>zstd -d</c> does without <c>--long</c>.</remarks>
internal sealed class UnzstdStream : ReadOnlyForwardStream
{
    private readonly string _name;
    private readonly DecompressionStream _frames;
    private ulong _decompressed;

    internal UnzstdStream(RawSource source, string name)
    {
        _name = name;
        _frames = new DecompressionStream(source, bufferSize: 0, checkEndOfStream: true, leaveOpen: true);
    }

    internal static bool IsMagic(ReadOnlySpan<byte> bytes) =>
        bytes is [0x28, 0xB5, 0x2F, 0xFD, ..] or [>= 0x50 and <= 0x5F, 0x2A, 0x4D, 0x18, ..]; // a frame, or one to be skipped

    /// <summary>The size that the first frame says it has; zero if it does not say.</summary>
    /// <param name="head">The first bytes, 18 or all that there are.</param>
    internal static ulong DeclaredLength(ReadOnlySpan<byte> head)
    {
        const ulong Limit = 1UL << 44;
        const int LargestHeader = 18;
        if (head.Length < LargestHeader || head[0] != 0x28) return 0;
        byte descriptor = head[4];
        bool isSingleSegment = (descriptor & 0x20) != 0;
        int dictionaryBytes = (descriptor & 3) == 3 ? 4 : descriptor & 3;
        ReadOnlySpan<byte> size = head[(5 + (isSingleSegment ? 0 : 1) + dictionaryBytes)..];
        ulong length = (descriptor >> 6) switch
        {
            0 => isSingleSegment ? size[0] : 0UL,
            1 => BinaryPrimitives.ReadUInt16LittleEndian(size) + 256UL,
            2 => BinaryPrimitives.ReadUInt32LittleEndian(size),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(size),
        };
        return length < Limit ? length : 0;
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        try
        {
            int count = _frames.Read(buffer);
            _decompressed += (uint)count;
            return count;
        }
        catch (EndOfStreamException cut)
        {
            throw Malformed("is cut short", cut);
        }
        catch (ZstdException corrupt)
        {
            throw Malformed(corrupt.Code == ZstdSharp.Unsafe.ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge
                ? "needs a window of more than 128 MiB (it was packed with --long): unpack it with 'zstd -d --long=31' first"
                : "is corrupt", corrupt);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _frames.Dispose();
        base.Dispose(disposing);
    }

    private MalformedInputException Malformed(string what, Exception inner)
    {
        string reason =
            string.Create(CultureInfo.InvariantCulture, $"the zstd data {what}; {_decompressed} bytes were decompressed before");
        return new MalformedInputException(InputProblem.AtOffset(_name, _decompressed, reason), inner);
    }
}
