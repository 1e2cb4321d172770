using System;
using System.Threading;

namespace FastRmp.Images;

/// <summary>Decoders that are lent out: one for each thread that decompresses at the same time, up to a few that are kept.</summary>
internal sealed class PageDecoders : IDisposable
{
    private readonly PageDecoder?[] _kept = new PageDecoder?[8];

    internal PageDecoder Take()
    {
        for (int index = 0; index < _kept.Length; index++)
        {
            if (Interlocked.Exchange(ref _kept[index], null) is { } decoder) return decoder;
        }

        return new PageDecoder();
    }

    internal void Return(PageDecoder decoder)
    {
        for (int index = 0; index < _kept.Length; index++)
        {
            if (Interlocked.CompareExchange(ref _kept[index], decoder, null) is null) return;
        }

        decoder.Dispose();
    }

    public void Dispose()
    {
        foreach (PageDecoder? decoder in _kept)
        {
            decoder?.Dispose();
        }
    }
}
