using System;
using System.Buffers;

namespace FastRmp.Images;

/// <summary>An array of the shared pool, cut to the length that was asked for, and given back once.</summary>
/// <typeparam name="T">The element.</typeparam>
/// <remarks>Its first content is whatever the array held before. For one thread at a time.</remarks>
internal sealed class PooledArray<T>(int length) : IDisposable
    where T : unmanaged
{
    private T[]? _array = ArrayPool<T>.Shared.Rent(length);

    /// <summary>The length in elements.</summary>
    internal int Length => length;

    /// <summary>The array itself, which may be longer.</summary>
    internal T[] Array => _array ?? throw new ObjectDisposedException(nameof(PooledArray<>));

    /// <summary>The elements.</summary>
    internal Span<T> Span => Array.AsSpan(0, length);

    /// <summary>Gives the array back. Spans taken before must not be used afterwards.</summary>
    public void Dispose()
    {
        if (_array is not { } array) return;
        _array = null;
        ArrayPool<T>.Shared.Return(array);
    }
}
