using System;
using System.Runtime.InteropServices;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>
/// What every byte of the table's memory has to be: a copy of the reference's entries in the order of the entries, kept up with what the
/// reference says it wrote.
/// </summary>
/// <typeparam name="TGeometry">Where the entries of the table under test stand.</typeparam>
internal sealed class WholeTable<TGeometry> : IDisposable
    where TGeometry : struct, IRmpGeometry
{
    private const ulong CounterBytes = 0x4000;
    private const int ChunkBytes = 1 << 30;

    private readonly ModelPair<TGeometry> _pair;
    private readonly PhysicalRange[] _ranges;
    private readonly ulong _bytes;

    // Never touched where the reference is zero, so that a large table costs no memory.
    private PinnedMemory _expected;

    public WholeTable(ModelPair<TGeometry> pair)
    {
        _pair = pair;
        _bytes = pair.Geometry.CoveredPages * (ulong)RmpEntry.SizeInBytes;
        _ranges = new PhysicalRange[pair.Geometry.CoveredRanges];
        for (int i = 0; i < _ranges.Length; i++)
        {
            _ranges[i] = pair.Geometry.CoveredRange(i);
        }

        _expected = Make();
    }

    public void Dispose() => _expected.Dispose();

    /// <summary>Every entry of every covered page, and every counter.</summary>
    public void Compare()
    {
        ReferenceWrites writes = _pair.Reference.Writes;
        if (writes.IsWholeTable)
        {
            _expected.Dispose();
            _expected = Make();
        }

        foreach (ReferenceEntry entry in writes.Entries)
        {
            Put(_expected, entry.Spa, entry.ToLow(), entry.ToHigh());
        }

        writes.Clear();
        CompareEntries(_pair.Storage, CounterBytes, string.Empty);
        ReadOnlySpan<ulong> counters = MemoryMarshal.Cast<byte, ulong>(_pair.Storage.ReadOnlySpan(0, (int)CounterBytes));
        ReadOnlySpan<ulong> expected = MemoryMarshal.Cast<long, ulong>(_pair.Reference.AllCounters());
        if (WordRun.AreEqual(counters, expected)) return;
        int asid = counters.CommonPrefixLength(expected);
        Assert.Fail($"counter of ASID {asid}: {counters[asid]}, expected {expected[asid]}");
    }

    /// <summary>Makes the copy anew from all of the reference: what it did not say that it wrote would show.</summary>
    public void CompareAnew()
    {
        PinnedMemory kept = _expected;
        _expected = Make();
        try
        {
            CompareEntries(kept, 0, "unannounced write of the reference: ");
        }
        finally
        {
            kept.Dispose();
        }
    }

    private void CompareEntries(PinnedMemory actual, ulong offset, string what)
    {
        for (ulong start = 0; start < _bytes; start += ChunkBytes)
        {
            int length = (int)ulong.Min(ChunkBytes, _bytes - start);
            ReadOnlySpan<byte> found = actual.ReadOnlySpan(offset + start, length);
            ReadOnlySpan<byte> wanted = _expected.ReadOnlySpan(start, length);
            if (!WordRun.AreEqual(MemoryMarshal.Cast<byte, ulong>(found), MemoryMarshal.Cast<byte, ulong>(wanted)))
            {
                Differ(found, wanted, start, what);
            }
        }
    }

    private void Differ(ReadOnlySpan<byte> found, ReadOnlySpan<byte> wanted, ulong start, string what)
    {
        int at = found.CommonPrefixLength(wanted) / RmpEntry.SizeInBytes * RmpEntry.SizeInBytes;
        ulong bytes = (start + (ulong)at) / (ulong)RmpEntry.SizeInBytes * ModelPair.PageBytes;
        int range = 0;
        while (bytes >= _ranges[range].Length)
        {
            bytes -= _ranges[range++].Length;
        }

        RmpEntry entry = MemoryMarshal.Read<RmpEntry>(found[at..]);
        RmpEntry expected = MemoryMarshal.Read<RmpEntry>(wanted[at..]);
        Assert.Fail(
            $"{what}entry of 0x{(_ranges[range].Start + bytes).Value:x}: 0x{entry.Low:x16} 0x{entry.High:x}, "
                + $"expected 0x{expected.Low:x16} 0x{expected.High:x}");
    }

    private PinnedMemory Make()
    {
        PinnedMemory made = PinnedMemory.Reserve((_bytes + ModelPair.PageBytes - 1) / ModelPair.PageBytes * ModelPair.PageBytes);
        foreach (ReferenceRawEntry entry in _pair.Reference.NonZeroEntries())
        {
            Put(made, entry.Spa, entry.Low, entry.High);
        }

        return made;
    }

    private void Put(PinnedMemory memory, ulong page, ulong low, ulong high)
    {
        ulong before = 0;
        foreach (PhysicalRange range in _ranges)
        {
            if (page >= range.Start.Value && page < range.End)
            {
                Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(
                    memory.Span(
                        (before + page - range.Start.Value) / ModelPair.PageBytes * (ulong)RmpEntry.SizeInBytes, RmpEntry.SizeInBytes));
                words[0] = low;
                words[1] = high;
                return;
            }

            before += range.Length;
        }

        Assert.Fail($"the reference wrote an entry of 0x{page:x}, which is not covered");
    }
}
