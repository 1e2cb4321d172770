using System;
using System.IO;
using System.IO.Compression;

namespace FastRmp.Images;

/// <summary>Decompresses one zlib stream (RFC 1950) of a page by .NET's decoder.</summary>
/// <remarks>.NET reads zlib only as a stream, and no such stream can be begun anew: each page makes one, 280 bytes on the managed heap and
/// less than a fifth of the page's time. For one thread.</remarks>
internal sealed class ZlibPage : IDisposable
{
    private readonly ZlibInput _input = new();

    /// <summary>Decompresses a stream.</summary>
    /// <param name="source">The stream, with header and checksum; what follows is passed over.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>How many; −1 if the stream is damaged, or larger than the destination.</returns>
    internal unsafe int Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        fixed (byte* bytes = source)
        {
            _input.Begin(bytes, source.Length);
            try
            {
                using ZLibStream stream = new(_input, CompressionMode.Decompress, leaveOpen: true);
                int count = stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);

                // The checksum stands behind the last byte: it was compared when the end has been seen.
                bool isEnd = count < destination.Length || stream.ReadByte() < 0;
                return isEnd && !_input.IsOverrun ? count : -1;
            }
            catch (Exception damage) when (damage is InvalidDataException or IOException)
            {
                return -1;
            }
            finally
            {
                _input.End();
            }
        }
    }

    public void Dispose() => _input.Dispose();
}
