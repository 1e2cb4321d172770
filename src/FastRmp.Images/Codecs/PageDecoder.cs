using System;
using ZstdSharp;

namespace FastRmp.Images;

/// <summary>The decoders with a state of their own, and a place for input that does not lie in memory. For one thread at a time.</summary>
internal sealed class PageDecoder : IDisposable
{
    private ZlibPage? _zlib;
    private Decompressor? _zstd;
    private byte[] _input = [];

    /// <summary>Room for input.</summary>
    internal Span<byte> Input(int length)
    {
        if (_input.Length < length) _input = new byte[length];
        return _input.AsSpan(0, length);
    }

    /// <summary>Decompresses one zlib stream; −1 if it is damaged or too long.</summary>
    internal int Zlib(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        _zlib ??= new ZlibPage();
        return _zlib.Decompress(source, destination);
    }

    /// <summary>Decompresses one zstd frame; −1 if it is damaged or too long.</summary>
    internal int Zstd(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        _zstd ??= new Decompressor();
        try
        {
            return _zstd.TryUnwrap(source, destination, out int written) ? written : -1;
        }
        catch (ZstdException)
        {
            return -1;
        }
    }

    public void Dispose()
    {
        _zlib?.Dispose();
        _zstd?.Dispose();
    }
}
