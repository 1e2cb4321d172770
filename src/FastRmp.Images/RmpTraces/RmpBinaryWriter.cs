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
    private const int MostRecordBytes = 512;

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

        Span<byte> record = Room(MostRecordBytes);
        _used += _coder.Encode(one, name, record);
        _count++;
    }

    /// <inheritdoc/>
    protected override void Complete()
    {
        Span<byte> record = Room(MostRecordBytes);
        int at = 1;
        record[0] = RmpBinaryRecords.End;
        RmpEventCoder.Put(record, ref at, _count);
        _used += at;
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

    private void Ranges(byte head, ReadOnlySpan<PhysicalRange> ranges)
    {
        foreach (PhysicalRange range in ranges)
        {
            Span<byte> record = Room(MostRecordBytes);
            int at = 1;
            record[0] = head;
            RmpEventCoder.Put(record, ref at, range.Start.Value);
            RmpEventCoder.Put(record, ref at, range.Length);
            _used += at;
        }
    }

    private void Text(byte head, string text)
    {
        Span<byte> record = Room(MostRecordBytes);
        int length = Encoding.Latin1.GetBytes(text.AsSpan(0, Math.Min(text.Length, RmpBinaryRecords.MostNameBytes)), record[2..]);
        record[0] = head;
        record[1] = (byte)length;
        _used += 2 + length;
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
