using System;

namespace FastRmp.Images;

/// <summary>The bytes of a file, or of the file that another one stands for, at any offset.</summary>
/// <remarks>Any threads may read. Offsets and lengths of any value are taken: what is not there is not read.</remarks>
internal abstract class ByteSource : IDisposable
{
    /// <summary>The number of bytes.</summary>
    internal abstract ulong Length { get; }

    /// <summary>How many of them really lie in the file: a flattened one can speak of any number.</summary>
    internal virtual ulong HeldBytes => Length;

    /// <summary>Whether the bytes change while they are read, as the memory of the running kernel does.</summary>
    internal virtual bool IsLive => false;

    /// <summary>Copies bytes.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Receives them.</param>
    /// <returns>How many there are before the end, or before the first that cannot be read.</returns>
    internal abstract int Read(ulong offset, Span<byte> destination);

    /// <summary>Hands out bytes in place.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">How many.</param>
    /// <param name="bytes">The bytes; valid until the source is disposed.</param>
    /// <returns>False if they are not all there, or do not lie in memory one after the other.</returns>
    internal virtual bool TrySpan(ulong offset, int length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <summary>The first offset at or above one from where on there may be other bytes than zeros, as far as that is known without
    /// looking.</summary>
    internal virtual ulong NextData(ulong offset) => offset;

    /// <summary>Copies bytes if all are there.</summary>
    internal bool TryRead(ulong offset, Span<byte> destination) => Read(offset, destination) == destination.Length;

    /// <summary>Whether a part lies inside; no sum overflows.</summary>
    internal bool Contains(ulong offset, ulong length) => offset <= Length && length <= Length - offset;

    /// <summary>Whether the file has all bytes of a part: a flattened one that was cut has not all that lie inside.</summary>
    internal virtual bool Holds(ulong offset, ulong length) => Contains(offset, length);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
