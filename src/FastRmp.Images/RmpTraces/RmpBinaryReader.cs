using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace FastRmp.Images;

/// <summary>Reads the binary form of an RMP trace. What is wrong ends the reading with a problem at an offset; the events before it are
/// there.</summary>
internal sealed class RmpBinaryReader
{
    private const int MostRecordBytes = 512; // a name's, and any event's

    private readonly InputStream _stream;
    private readonly RmpTrace _trace;
    private readonly RmpEventStore _events = new();
    private byte[] _slab = [];
    private RmpEventCoder _coder;
    private RmpEventCoder _beforeChunk;
    private int _chunkStart;
    private int _chunkCount;
    private int _names;
    private int _start;
    private int _end;
    private long _offset; // of the slab's first byte
    private bool _atEnd;

    private RmpBinaryReader(InputStream stream)
    {
        _stream = stream;
        _trace = new RmpTrace(stream.Name, _events, [], []);
    }

    internal static RmpTrace Read(InputStream stream, Action<long>? progress)
    {
        RmpBinaryReader reader = new(stream);
        RmpTrace trace = reader._trace;
        try
        {
            string? wrong = reader.Records(progress);
            reader.EndChunk();
            if (wrong is not null) trace.Problems.Add(InputProblem.AtOffset(stream.Name, reader.Offset, wrong));
            else if (trace.EventCount == 0) trace.Problems.Add(InputProblem.InFile(stream.Name, RmpTrace.NoEvent));
        }
        catch (MalformedInputException cut)
        {
            trace.Problems.Add(cut.Problem ?? InputProblem.InFile(stream.Name, cut.Message));
        }
        catch (IOException failure)
        {
            trace.Problems.Add(InputProblem.AtOffset(stream.Name, reader.Offset, $"cannot be read: {failure.Message}"));
        }

        trace.LineCount = trace.EventCount;
        return trace;
    }

    private ulong Offset => (ulong)(_offset + _start);

    private ReadOnlySpan<byte> Rest => _slab.AsSpan(_start, _end - _start);

    private string? Records(Action<long>? progress)
    {
        Fill(progress);
        if (Rest.Length < RmpBinaryRecords.HeadBytes) return "is cut in its head";
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(Rest[RmpBinaryRecords.Magic.Length..]);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(Rest[(RmpBinaryRecords.Magic.Length + sizeof(uint))..]);
        if (!RmpBinaryRecords.IsMagic(Rest)) return "is no binary RMP trace";
        if (version != RmpBinaryRecords.Version) return $"is of version {version}; this reads version {RmpBinaryRecords.Version}";
        if (flags != 0) return "has flags in its head that are not known";
        _start += RmpBinaryRecords.HeadBytes;
        while (true)
        {
            if (_end - _start < MostRecordBytes && !_atEnd) Fill(progress);
            if (_start == _end) return "is cut: there is no record of the end";
            byte head = _slab[_start];
            if ((head & RmpEventCoder.NoEvent) != RmpEventCoder.NoEvent)
            {
                if (Events() is { } wrong) return wrong;
                continue;
            }

            EndChunk();
            if (head == RmpBinaryRecords.End) return AtEnd(progress);
            if (Machine(head) is { } bad) return bad;
        }
    }

    // Events up to a record that is none, the end of a chunk, or where more bytes are wanted.
    private string? Events()
    {
        if (_chunkCount == RmpEventStore.ChunkEvents) EndChunk();
        if (_chunkCount == 0) (_chunkStart, _beforeChunk) = (_start, _coder);
        ReadOnlySpan<byte> rest = Rest;
        RmpEventCoder coder = _coder;
        int least = _atEnd ? 1 : MostRecordBytes;
        int count = _chunkCount;
        string? wrong = null;
        while (count < RmpEventStore.ChunkEvents && rest.Length >= least && (rest[0] & RmpEventCoder.NoEvent) != RmpEventCoder.NoEvent)
        {
            wrong = coder.Decode(rest, _names, out RmpRecord one, out int length);
            if (wrong is not null) break;
            _trace.Take(one);
            rest = rest[length..];
            count++;
        }

        _start = _end - rest.Length;
        _chunkCount = count;
        _coder = coder;
        return wrong;
    }

    // The events stay where they were read.
    private void EndChunk()
    {
        if (_chunkCount != 0) _events.AddChunk(_chunkStart, _chunkCount, _beforeChunk);
        _chunkCount = 0;
    }

    private string? AtEnd(Action<long>? progress)
    {
        if (!RecordFields.TryNumber(Rest[1..], out ulong count, out int bytes)) return "is cut in the record of the end";
        if (count != (ulong)_trace.EventCount) return $"has {_trace.EventCount} events, and says that it has {count}";
        _start += 1 + bytes;
        if (_start == _end && !_atEnd) Fill(progress);
        return _start == _end ? null : "goes on after the record of the end";
    }

    private string? Machine(byte head)
    {
        int at = 1;
        switch (head)
        {
            case RmpBinaryRecords.Ram or RmpBinaryRecords.Mapped4K:
                if (!RecordFields.TryNumber(Rest[1..], out ulong start, out int startBytes)
                    || !RecordFields.TryNumber(Rest[(1 + startBytes)..], out ulong length, out int lengthBytes))
                {
                    return "is cut in a range of memory";
                }

                at += startBytes + lengthBytes;

                if (start > PhysicalAddress.ValidMask || length - 1 > PhysicalAddress.ValidMask - start)
                {
                    return "a range of memory that is empty, or does not lie below 2^52";
                }

                _trace.AddRange(new PhysicalRange(PhysicalAddress.Create(start), length), head == RmpBinaryRecords.Ram);
                break;
            case RmpBinaryRecords.Processor or RmpBinaryRecords.Name:
                if (Rest.Length < 2 || Rest.Length < 2 + Rest[1]) return "is cut in a name";
                ReadOnlySpan<byte> bytes = Rest.Slice(2, Rest[1]);
                at = 2 + bytes.Length;
                if (bytes.IsEmpty || bytes.ContainsAnyInRange((byte)0, (byte)' ')) return "a name that is empty or has blanks";
                string name = Encoding.Latin1.GetString(bytes);
                if (head == RmpBinaryRecords.Name)
                {
                    _events.AddName(name);
                    _names++;
                }
                else if (ProcessorModel.TryGetPreset(name, out ProcessorModel? model))
                {
                    _trace.Processor = model;
                }
                else
                {
                    return "a processor that is none of milan, genoa, turin, venice";
                }

                break;
            default:
                return "a record that is not known";
        }

        _start += at;
        return null;
    }

    private void Fill(Action<long>? progress)
    {
        EndChunk();
        ReadOnlySpan<byte> rest = Rest;
        byte[] next = _events.AddSlab();
        rest.CopyTo(next);
        _slab = next;
        _offset += _start;
        _end = rest.Length;
        _start = 0;
        while (!_atEnd && _end < next.Length)
        {
            int count = _stream.Read(next.AsSpan(_end));
            _atEnd = count == 0;
            _end += count;
        }

        progress?.Invoke(_stream.BytesConsumed);
    }
}
