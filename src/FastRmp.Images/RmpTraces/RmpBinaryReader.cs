using System;
using System.Buffers.Binary;
using System.IO;
using System.Runtime.ExceptionServices;
using System.Text;

namespace FastRmp.Images;

/// <summary>Reads the binary form of an RMP trace. What is wrong ends the reading with a problem at an offset; the events before it are
/// there.</summary>
internal sealed class RmpBinaryReader
{
    private const string Meaningless = "a record with bits that mean nothing";

    private readonly InputStream _stream;
    private readonly RmpTrace _trace;
    private readonly RmpEventStore _events = new();
    private RmpEventCoder _coder;
    private RmpEventCoder _beforeChunk;
    private int _chunkStart;
    private int _chunkCount;
    private int _names;
    private int _start;
    private int _end;
    private long _offset; // of the slab's first byte
    private bool _atEnd;
    private ExceptionDispatchInfo? _failure; // of a read, whose end it is: what was read before it is taken first

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
            if (wrong is null || reader._end - reader._start < RmpBinaryRecords.MostBytes) reader._failure?.Throw();
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

    private ReadOnlySpan<byte> Rest => _end == 0 ? default : _events.LastSlab[_start.._end];

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
            if (_end - _start < RmpBinaryRecords.MostBytes && !_atEnd) Fill(progress);
            if (_start == _end) return "is cut: there is no record of the end";
            ReadOnlySpan<byte> rest = Rest;
            if (!IsOther(rest[0]))
            {
                if (Events() is { } wrong) return wrong;
                continue;
            }

            EndChunk();
            if (rest.Length < RmpEventCoder.UnitBytes) return "is cut in a record";
            ulong low = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            ulong high = BinaryPrimitives.ReadUInt64LittleEndian(rest[sizeof(ulong)..]);
            if (rest[0] == RmpBinaryRecords.End) return AtEnd(low, high, progress);
            if (Machine(low, high) is { } bad) return bad;
        }
    }

    private static bool IsOther(byte first) => (first & RmpEventCoder.NoEvent) == RmpEventCoder.NoEvent && first <= RmpBinaryRecords.Name;

    // Events up to a record that is none, the end of a chunk, or where more bytes are wanted.
    private string? Events()
    {
        if (_chunkCount == RmpEventStore.ChunkEvents) EndChunk();
        if (_chunkCount == 0) (_chunkStart, _beforeChunk) = (_start, _coder);
        ReadOnlySpan<byte> rest = Rest;
        RmpEventCoder coder = _coder;
        int least = _atEnd ? 1 : RmpEventCoder.MostBytes;
        int count = _chunkCount;
        string? wrong = null;
        while (count < RmpEventStore.ChunkEvents && rest.Length >= least && !IsOther(rest[0]))
        {
            int plain = coder.Skim(rest, RmpEventStore.ChunkEvents - count, _trace);
            rest = rest[(plain * RmpEventCoder.UnitBytes)..];
            count += plain;
            if (plain != 0) continue;
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
        if (_chunkCount != 0) _events.AddChunk(_chunkStart, _start - _chunkStart, _chunkCount, _beforeChunk);
        _chunkCount = 0;
    }

    private string? AtEnd(ulong low, ulong count, Action<long>? progress)
    {
        if (low >> RmpBinaryRecords.KindBits != 0) return Meaningless;
        if (count != (ulong)_trace.EventCount) return $"has {_trace.EventCount} events, and says that it has {count}";
        _start += RmpEventCoder.UnitBytes;
        if (_start == _end && !_atEnd) Fill(progress);
        return _start == _end ? null : "goes on after the record of the end";
    }

    private string? Machine(ulong low, ulong high)
    {
        ulong start = low >> RmpBinaryRecords.KindBits;
        int kind = (int)(low & byte.MaxValue);
        if (kind is not (RmpBinaryRecords.Ram or RmpBinaryRecords.Mapped4K)) return Named(kind, start, high);
        if (start > PhysicalAddress.ValidMask || high - 1 > PhysicalAddress.ValidMask - start)
        {
            return "a range of memory that is empty, or does not lie below 2^52";
        }

        _trace.AddRange(new PhysicalRange(PhysicalAddress.Create(start), high), kind == RmpBinaryRecords.Ram);
        _start += RmpEventCoder.UnitBytes;
        return null;
    }

    private string? Named(int kind, ulong length, ulong high)
    {
        if (high != 0 || length > RmpBinaryRecords.MostNameBytes) return Meaningless;
        int units = RmpBinaryRecords.NameUnits((int)length);
        ReadOnlySpan<byte> rest = Rest[RmpEventCoder.UnitBytes..];
        if (rest.Length < units) return "is cut in a name";
        ReadOnlySpan<byte> bytes = rest[..(int)length];
        if (bytes.IsEmpty || bytes.ContainsAny(" \t\n"u8)) return "a name that is empty or has blanks";
        if (rest[(int)length..units].ContainsAnyExcept((byte)0)) return Meaningless;
        string name = Encoding.Latin1.GetString(bytes);
        if (kind == RmpBinaryRecords.Name)
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

        _start += RmpEventCoder.UnitBytes + units;
        return null;
    }

    private void Fill(Action<long>? progress)
    {
        EndChunk();
        ReadOnlySpan<byte> rest = Rest;
        Span<byte> next = _events.AddSlab();
        rest.CopyTo(next);
        _offset += _start;
        _end = rest.Length;
        _start = 0;
        while (!_atEnd && _end < next.Length)
        {
            int count = Read(next[_end..]);
            _atEnd = count == 0;
            _end += count;
        }

        progress?.Invoke(_stream.BytesConsumed);
    }

    private int Read(Span<byte> buffer)
    {
        try
        {
            return _stream.Read(buffer);
        }
        catch (Exception failure) when (failure is MalformedInputException or IOException)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
            return 0;
        }
    }
}
