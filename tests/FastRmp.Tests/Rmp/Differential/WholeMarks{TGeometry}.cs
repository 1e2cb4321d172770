using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Xunit;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>All that stands beside the table: the bits of RMPOPT on every core, and how often each page is in use.</summary>
/// <typeparam name="TGeometry">Where the entries of the table under test stand.</typeparam>
/// <remarks>Reads the fields themselves: asking for 2,048 bits a core after each step would take a thousand times as long.</remarks>
internal sealed class WholeMarks<TGeometry>
    where TGeometry : struct, IRmpGeometry
{
    private const int GibShift = 30;
    private const int WordRegions = 64;

    private readonly ModelPair<TGeometry> _pair;
    private readonly InUsePages _inUse;
    private readonly ConcurrentDictionary<ulong, ulong[]> _inUseRegions;
    private readonly ulong[]?[] _stamps;
    private readonly ulong[] _bits = new ulong[RmpOptCore.Regions / WordRegions];
    private readonly ulong[] _expected = new ulong[RmpOptCore.Regions / WordRegions];

    public WholeMarks(ModelPair<TGeometry> pair)
    {
        _pair = pair;
        _inUse = pair.Table.Protocol.InUse;
        _inUseRegions = InUseRegions(_inUse);
        _stamps = pair.Table.Protocol.Optimizations is { } record ? Stamps(record) : [];
    }

    public void Compare()
    {
        CompareInUse();
        for (int core = 0; core < _pair.Cores; core++)
        {
            CompareOptimizations(core);
        }
    }

    private void CompareInUse()
    {
        int pages = 0;
        ulong sum = 0;
        foreach (KeyValuePair<ulong, ulong[]> region in _inUseRegions)
        {
            ReadOnlySpan<ulong> counts = region.Value;
            for (int i = counts.IndexOfAnyExcept(0UL); i < counts.Length && i >= 0; i++)
            {
                ulong count = counts[i] & uint.MaxValue; // owner and changes stand above
                if (count == 0) continue;
                ulong page = (region.Key * ModelPair.RegionBytes) + ((ulong)i * ModelPair.PageBytes);
                if (count != (ulong)_pair.Reference.InUseCount(page))
                {
                    Assert.Fail($"0x{page:x} is in use {count} times, expected {_pair.Reference.InUseCount(page)}");
                }

                pages++;
                sum += count;
            }
        }

        if (pages != _pair.Reference.PagesInUse) Assert.Fail($"{pages} pages are in use, expected {_pair.Reference.PagesInUse}");
        ulong total = _inUse.Total & uint.MaxValue; // the number of changes stands above
        if (sum != total) Assert.Fail($"{total} uses in all, expected {sum}");
    }

    private void CompareOptimizations(int number)
    {
        RmpOptCore core = _pair.Core(number);
        ulong first = core.Start.Value >> GibShift;
        Array.Clear(_expected);
        foreach (ulong region in _pair.Reference.OptimisedSet(number) ?? [])
        {
            ulong slot = (region >> GibShift) - first;
            _expected[slot / WordRegions] |= 1UL << (int)(slot % WordRegions);
        }

        // The core's window may begin anywhere, and the stamps of the table come in chunks of 2,048.
        Array.Clear(_bits);
        int left = RmpOptCore.Regions - (int)(first % RmpOptCore.Regions);
        Read(Stamps(core.Current).AsSpan(0, left), _stamps[first / RmpOptCore.Regions].AsSpan(), (int)(first % RmpOptCore.Regions), 0);
        if (left < RmpOptCore.Regions) Read(Stamps(core.Current).AsSpan(left), _stamps[(first / RmpOptCore.Regions) + 1].AsSpan(), 0, left);
        if (_bits.AsSpan().SequenceEqual(_expected)) return;
        int word = _bits.AsSpan().CommonPrefixLength(_expected);
        int region1 = (word * WordRegions) + BitOperations.TrailingZeroCount(_bits[word] ^ _expected[word]);
        Assert.Fail(
            $"bit of RMPOPT of the 1 GiB at 0x{(first + (ulong)region1) << GibShift:x}, core {number}: {_bits[word]:x}, "
                + $"expected {_expected[word]:x} in word {word}");
    }

    /// <summary>A bit is set while the core's stamp is the table's, and not 0.</summary>
    private void Read(ReadOnlySpan<ulong> core, ReadOnlySpan<ulong> chunk, int start, int slot)
    {
        if (chunk.IsEmpty || core.IndexOfAnyExcept(0UL) < 0) return; // no core has ever set one here
        ReadOnlySpan<ulong> table = chunk.Slice(start, core.Length);
        int i = 0;
        if (slot % Vector512<ulong>.Count == 0)
        {
            for (; i <= core.Length - Vector512<ulong>.Count; i += Vector512<ulong>.Count)
            {
                Vector512<ulong> mine = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(core), (nuint)i);
                Vector512<ulong> shared = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(table), (nuint)i);
                ulong same = Vector512.AndNot(Vector512.Equals(mine, shared), Vector512.Equals(mine, Vector512<ulong>.Zero))
                    .ExtractMostSignificantBits();
                _bits[(slot + i) / WordRegions] |= same << ((slot + i) % WordRegions);
            }
        }

        for (; i < core.Length; i++)
        {
            if (core[i] != 0 && core[i] == table[i]) _bits[(slot + i) / WordRegions] |= 1UL << ((slot + i) % WordRegions);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_regions")]
    private static extern ref ConcurrentDictionary<ulong, ulong[]> InUseRegions(InUsePages pages);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_stamps")]
    private static extern ref ulong[] Stamps(RmpOptCore.Window window);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_stamps")]
    private static extern ref ulong[]?[] Stamps(RmpOptRecord record);
}
