using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Memory that an image is unpacked into, sparsely: pages of zeros are not written, and cost nothing.</summary>
internal sealed class UnpackedMemory : IDisposable
{
    /// <summary>How many bytes are appended at once, at most: the caller's buffer.</summary>
    internal const int ChunkBytes = 1 << 18;

    private const ulong SmallBytes = 1 << 20;
    private const ulong FirstReservation = 16UL << 20;
    private const ulong LastReservation = 1UL << 44;
    private const int PageBytes = 4096;

    private readonly string _name;
    private readonly string? _packing;
    private readonly ulong _budget;
    private PinnedMemory? _memory;
    private readonly List<ulong> _written = []; // a bit for each page
    private ulong _held;

    internal UnpackedMemory(string name, string? packing, ulong likely, ulong? budget)
    {
        _name = name;
        _packing = packing;
        _budget = budget ?? (ulong)Math.Max(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2, (long)FirstReservation);
        // What is small is allocated: to reserve costs system calls.
        _memory = likely is 0 or > SmallBytes
            ? PinnedMemory.Reserve(WholePages(Math.Clamp(likely, FirstReservation, LastReservation)))
            : PinnedMemory.Allocate(WholePages(likely));
    }

    internal ulong Length { get; private set; }

    /// <summary>Whether there was too much.</summary>
    internal bool IsRefused { get; private set; }

    /// <summary>Appends bytes; all but the last call bring whole pages.</summary>
    /// <exception cref="MalformedInputException">The budget is used up.</exception>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (_memory!.Length - Length < (uint)bytes.Length) Grow();
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> page = bytes[..Math.Min(bytes.Length, PageBytes)];
            if (page.ContainsAnyExcept((byte)0))
            {
                _held += PageBytes;
                if (_held > _budget) Refuse();
                page.CopyTo(_memory.Span(Length, page.Length));
                Mark(Length / PageBytes);
            }

            Length += (uint)page.Length;
            bytes = bytes[page.Length..];
        }
    }

    /// <summary>Hands the memory out.</summary>
    internal PinnedBytes Take()
    {
        PinnedBytes bytes = new(_memory!, Length, [.. _written]);
        _memory = null;
        return bytes;
    }

    public void Dispose() => _memory?.Dispose();

    private void Grow()
    {
        if (_memory!.Length >= LastReservation) Refuse();
        PinnedMemory larger = PinnedMemory.Reserve(Math.Max(_memory.Length * 4, FirstReservation));
        for (ulong page = 0; page * PageBytes < Length; page++)
        {
            // To read a page that was not written would make it cost memory.
            if (page / 64 >= (ulong)_written.Count || ((_written[(int)(page / 64)] >> (int)(page % 64)) & 1) == 0) continue;
            int count = (int)Math.Min(Length - (page * PageBytes), PageBytes);
            _memory.ReadOnlySpan(page * PageBytes, count).CopyTo(larger.Span(page * PageBytes, count));
        }

        _memory.Dispose();
        _memory = larger;
    }

    private void Mark(ulong page)
    {
        while ((ulong)_written.Count <= page / 64)
        {
            _written.Add(0);
        }

        _written[(int)(page / 64)] |= 1UL << (int)(page % 64);
    }

    private void Refuse()
    {
        IsRefused = true;
        string way = _packing switch
        {
            "gzip" => "unpack it with 'gzip -d' first: a plain file is read where it lies",
            "zstd" => "unpack it with 'zstd -d' first: a plain file is read where it lies",
            _ => "give the file itself: it is read where it lies",
        };
        throw new MalformedInputException(InputProblem.AtOffset(_name, Length, string.Create(
            CultureInfo.InvariantCulture, $"holds more than the {_budget >> 20} MiB that are unpacked into memory; {way}")));
    }

    private static ulong WholePages(ulong bytes) => (bytes + PageBytes - 1) & ~(ulong)(PageBytes - 1);
}
