using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace FastRmp.Images;

/// <summary>Writes an RMP trace in its binary form.</summary>
internal sealed class RmpBinaryWriter : RmpTraceWriter
{
    private const int BufferBytes = 64 * 1024;

    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly Dictionary<string, uint> _names = new(StringComparer.Ordinal);
    private RmpEventCoder _coder;
    private int _used;
    private ulong _count;
    private bool _isClosed;
    private bool _isWhole;

    /// <summary>Takes a stream, which is disposed with the writer.</summary>
    /// <param name="stream">Where the bytes go.</param>
    /// <param name="name">Its name for messages.</param>
    internal RmpBinaryWriter(Stream stream, string name)
        : base(name) => _stream = stream;

    /// <inheritdoc/>
    protected override void PutHead(ProcessorModel processor, ReadOnlySpan<PhysicalRange> ram, ReadOnlySpan<PhysicalRange> mapped4K)
    {
        Span<byte> head = Room(RmpBinaryRecords.HeadBytes);
        head.Clear();
        RmpBinaryRecords.Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head[RmpBinaryRecords.Magic.Length..], RmpBinaryRecords.Version);
        _used += RmpBinaryRecords.HeadBytes;
        if (ProcessorModel.TryGetPreset(processor.Name, out _)) Text(RmpBinaryRecords.Processor, processor.Name);
        Ranges(RmpBinaryRecords.Ram, ram);
        Ranges(RmpBinaryRecords.Mapped4K, mapped4K);
    }

    /// <inheritdoc/>
    protected override void Put(in RmpTraceEvent one)
    {
        uint name = 0;
        if (one.Command is { } text && !_names.TryGetValue(text, out name))
        {
            name = (uint)_names.Count;
            _names.Add(text, name);
            Text(RmpBinaryRecords.Name, text);
        }

        Span<byte> units = Room(RmpEventCoder.MostBytes);
        _used += _coder.Encode(one, name, units);
        _count++;
    }

    /// <inheritdoc/>
    protected override void Complete()
    {
        Put(RmpBinaryRecords.End, _count);
        _isWhole = true;
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        if (_isClosed) return;
        _isClosed = true;
        if (_isWhole) _stream.Write(_buffer.AsSpan(0, _used)); // else what is there says that it is cut
        _stream.Dispose();
    }

    private void Ranges(ulong kind, ReadOnlySpan<PhysicalRange> ranges)
    {
        foreach (PhysicalRange range in ranges)
        {
            Put(kind | (range.Start.Value << RmpBinaryRecords.KindBits), range.Length);
        }
    }

    private void Put(ulong low, ulong high)
    {
        int at = 0;
        RmpEventCoder.Put(Room(RmpEventCoder.UnitBytes), ref at, low, high);
        _used += at;
    }

    private void Text(ulong kind, string text)
    {
        int length = Math.Min(text.Length, RmpBinaryRecords.MostNameBytes);
        Put(kind | ((ulong)length << RmpBinaryRecords.KindBits), 0);
        Span<byte> units = Room(RmpBinaryRecords.NameUnits(length))[..RmpBinaryRecords.NameUnits(length)];
        units.Clear();
        _used += units.Length;
        _ = Encoding.Latin1.GetBytes(text.AsSpan(0, length), units);
    }

    private Span<byte> Room(int bytes)
    {
        if (BufferBytes - _used < bytes)
        {
            _stream.Write(_buffer.AsSpan(0, _used));
            _used = 0;
        }

        return _buffer.AsSpan(_used);
    }
}
