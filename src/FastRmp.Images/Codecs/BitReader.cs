using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>Bits from the lowest of each byte on. Behind the end there are zeros, and <see cref="IsOverrun"/> tells that some were
/// taken.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> source)
{
    private readonly ReadOnlySpan<byte> _source = source;
    private int _position;
    private ulong _bits;
    private int _count; // negative after zeros were taken

    /// <summary>Whether more bits were taken than there are.</summary>
    internal readonly bool IsOverrun => _count < 0;

    /// <summary>The next bits, at least 48 of them or all that are left.</summary>
    internal ulong Peek()
    {
        if (_count < 48) Refill();
        return _bits;
    }

    /// <summary>Takes bits that were peeked at, at most 48.</summary>
    internal void Skip(int count)
    {
        _bits >>= count;
        _count -= count;
    }

    /// <summary>Takes at most 16 bits.</summary>
    internal uint Take(int count)
    {
        if (_count < count) Refill();
        uint value = (uint)_bits & ((1U << count) - 1);
        Skip(count);
        return value;
    }

    /// <summary>Passes over the rest of a byte and takes whole bytes.</summary>
    internal bool TryTakeBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (IsOverrun) return false;
        int at = _position - (_count / 8);
        _bits = 0;
        _count = 0;
        _position = at;
        if (count > _source.Length - at) return false;
        bytes = _source.Slice(at, count);
        _position = at + count;
        return true;
    }

    private void Refill()
    {
        if (_count < 0) return;
        if (_source.Length - _position >= sizeof(ulong))
        {
            int bytes = (63 - _count) >> 3;
            ulong next = BinaryPrimitives.ReadUInt64LittleEndian(_source[_position..]);
            if (bytes < 8) next &= (1UL << (8 * bytes)) - 1;
            _bits |= next << _count;
            _position += bytes;
            _count += 8 * bytes;
            return;
        }

        while (_count <= 56 && _position < _source.Length)
        {
            _bits |= (ulong)_source[_position++] << _count;
            _count += 8;
        }
    }
}
