using System;
using System.Collections.Generic;
using FastRmp.Images;
using FastRmp.Images.Tests.Codecs;

namespace FastRmp.Fuzz.Targets;

/// <summary>A decoder of pages, between guards.</summary>
internal sealed class CodecTarget(string codec, int rounds) : FuzzTarget, IDisposable
{
    private const int PageBytes = 4096;
    private const int MaxInput = 1 << 16;

    private readonly PageDecoder _decoder = new();
    private readonly GuardedMemory _input = new(MaxInput);
    private readonly GuardedMemory _output = new(PageBytes);

    internal override string Name => codec;

    internal override int OrdinaryRounds => rounds;

    internal override int Head => 64;

    internal override long AllocationBase => 64 << 10;

    internal override long AllocationFactor => 0;

    internal override bool Read(byte[] input)
    {
        ReadOnlySpan<byte> packed = _input.Hold(input.AsSpan(0, Math.Min(input.Length, MaxInput)));
        Span<byte> page = _output.Last(PageBytes);
        int count = codec switch
        {
            "zlib" => _decoder.Zlib(packed, page),
            "lzo" => Lzo1x.Decompress(packed, page),
            "snappy" => SnappyBlock.Decompress(packed, page),
            _ => _decoder.Zstd(packed, page),
        };
        if (count is < -1 or > PageBytes) throw new FuzzFailure($"{codec}: {count} bytes in a page");
        return count == PageBytes;
    }

    public void Dispose()
    {
        _decoder.Dispose();
        _input.Dispose();
        _output.Dispose();
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        Random random = new(3);
        for (int kind = 0; kind < 6; kind++)
        {
            yield return PackedPages.Of(codec, PackedPages.Page(random, kind));
        }

        if (codec == "lzo")
        {
            yield return [17 + 4, 1, 2, 3, 4, 64 | (3 << 2) | 1, 0, 9, (0 << 2) | 0, 0, 17, 0, 0];
            yield return [17 + 4, 1, 2, 3, 4, 32 | 3, 3 << 2, 0, 3, 1, 2, 3, 4, 5, 6, 16 | 8 | 1, 0, 0, 17, 0, 0];
        }

        if (codec == "snappy") yield return [13, 2 << 2, 97, 98, 99, ((5 - 4) << 2) | 1, 3, ((4 - 1) << 2) | 2, 8, 0, 3, 1, 0, 0, 0];
    }
}
