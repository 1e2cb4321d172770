using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;

namespace FastRmp.Images;

/// <summary>Looks into the kernel's own log in an image, which VMCOREINFO tells the place of.</summary>
/// <remarks>Kernels from 5.10 on keep it in a ring of records whose text lies in one block. Source: Linux
/// kernel/printk/printk_ringbuffer.h.</remarks>
internal static class KernelLogBuffer
{
    private const int MaxTextBits = 25;
    private const int ChunkBytes = 64 << 10;
    private const int MarginBytes = 512; // no message that is looked for is longer
    private const int MaxCollectedBytes = 1 << 20;

    /// <summary>Collects the messages that contain one of some words.</summary>
    /// <param name="image">The image.</param>
    /// <param name="words">The words, at least one.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>Their text, each with a line end, at most 1 MiB and a line; null if the log is not in the image.</returns>
    internal static byte[]? Collect(MemoryImage image, ReadOnlySpan<byte[]> words, CancellationToken cancellation = default)
    {
        if (KernelMemory.Of(image, cancellation) is not { } memory
            || !TryFindText(memory, image.VmCoreInfo!, out ulong text, out ulong length, out KernelLogRecords? records))
        {
            return null;
        }

        List<byte> lines = [];
        byte[] buffer = new byte[MarginBytes + ChunkBytes + MarginBytes];
        for (ulong at = 0; at < length && lines.Count < MaxCollectedBytes; at += ChunkBytes)
        {
            cancellation.ThrowIfCancellationRequested();
            int before = (int)Math.Min(at, MarginBytes);
            int after = (int)Math.Min(length - at, ChunkBytes);
            int all = before + (int)Math.Min(length - at, ChunkBytes + MarginBytes);
            memory.ReadOrZero(text + at - (uint)before, buffer.AsSpan(0, all));
            Collect(buffer.AsSpan(0, all), before, before + after, words, records, lines);
        }

        return [.. lines];
    }

    /// <summary>Collects the lines of printable text with a word in a part of some bytes.</summary>
    private static void Collect(
        ReadOnlySpan<byte> bytes, int from, int to, ReadOnlySpan<byte[]> words, KernelLogRecords? records, List<byte> lines)
    {
        while (from < to)
        {
            int first = -1;
            foreach (byte[] word in words)
            {
                int found = bytes[from..].IndexOf(word);
                if (found >= 0 && (first < 0 || found < first)) first = found;
            }

            if (first < 0 || from + first >= to) return;
            int start = from + first;
            int end = start;
            while (start > 0 && IsText(bytes[start - 1])) start--;
            while (end < bytes.Length && IsText(bytes[end])) end++;
            if (lines.Count < MaxCollectedBytes)
            {
                lines.AddRange(bytes.Slice(start, LengthOf(bytes, start, end, records)));
                lines.Add((byte)'\n');
            }

            from = end;
        }
    }

    /// <summary>How much of a run of text is the message. The record's number stands before the first line of it.</summary>
    private static int LengthOf(ReadOnlySpan<byte> bytes, int start, int end, KernelLogRecords? records)
    {
        int all = end - start;
        if (records is null || start < sizeof(ulong)) return all;
        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(start - sizeof(ulong))..]);
        return records.TryGetLength(number, out int length) ? Math.Min(all, length) : all;
    }

    private static bool IsText(byte value) => value is >= 0x20 and < 0x7F;

    private static bool TryFindText(
        KernelMemory memory, VmCoreInfo notes, out ulong text, out ulong length, out KernelLogRecords? records)
    {
        text = 0;
        length = 0;
        records = null;
        if (!notes.TryGetSymbol("prb", out ulong pointer)
            || !notes.TryGetOffset("printk_ringbuffer.text_data_ring", out long ring)
            || !notes.TryGetOffset("prb_data_ring.size_bits", out long bits)
            || !notes.TryGetOffset("prb_data_ring.data", out long data)
            || !memory.TryRead(pointer, out ulong buffer)
            || !memory.TryRead(buffer + (ulong)ring + (ulong)bits, out ulong size)
            || !memory.TryRead(buffer + (ulong)ring + (ulong)data, out text))
        {
            return false;
        }

        int log = (int)(uint)size;
        if (log is <= 0 or > MaxTextBits) return false;
        length = 1UL << log;
        records = KernelLogRecords.Of(memory, notes, buffer);
        return true;
    }
}
