using System;
using System.Buffers.Text;
using FastRmp.Paging;

namespace FastRmp.Images;

/// <summary>Looks into the kernel's own log in an image, which VMCOREINFO tells the place of.</summary>
/// <remarks>Kernels from 5.10 on keep it in a ring of records whose text lies in one block. Source: Linux
/// kernel/printk/printk_ringbuffer.h; the line of the RMP: arch/x86/virt/svm/sev.c.</remarks>
internal static class KernelLogBuffer
{
    private const int MaxTextBits = 25;
    private const int ChunkBytes = 4096;
    private const int LongestLine = 256;

    private static ReadOnlySpan<byte> Line => "RMP table physical range ["u8;

    /// <summary>Finds where the kernel says that the RMP is.</summary>
    internal static bool TryFindRmp(MemoryImage image, out PhysicalRange range)
    {
        range = default;
        if (image.VmCoreInfo is not { } notes || !TryFindText(image, notes, out PagingState tables, out ulong text, out ulong length))
        {
            return false;
        }

        byte[] buffer = new byte[ChunkBytes + LongestLine];
        ImageMemoryView view = image.Memory.View();
        for (ulong done = 0; done < length; done += ChunkBytes)
        {
            int wanted = (int)Math.Min((ulong)buffer.Length, length - done);
            int read = Read(image, ref view, tables, text + done, buffer.AsSpan(0, wanted));
            if (TryParse(buffer.AsSpan(0, read), out range)) return true;
        }

        return false;
    }

    /// <summary>Finds the kernel's line in text.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out PhysicalRange range)
    {
        range = default;
        int at = text.IndexOf(Line);
        if (at < 0) return false;
        text = text[(at + Line.Length)..];
        if (text.StartsWith("mem "u8)) text = text["mem "u8.Length..];
        if (!TryHex(ref text, out ulong start)) return false;
        text = text.TrimStart(" -"u8);
        if (!TryHex(ref text, out ulong last) || !text.StartsWith("]"u8) || last < start || last > PhysicalAddress.ValidMask) return false;
        range = new PhysicalRange(PhysicalAddress.Create(start), last - start + 1);
        return true;
    }

    private static bool TryHex(ref ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        if (!text.StartsWith("0x"u8) || !Utf8Parser.TryParse(text[2..], out value, out int digits, 'x')) return false;
        text = text[(2 + digits)..];
        return true;
    }

    private static bool TryFindText(MemoryImage image, VmCoreInfo notes, out PagingState tables, out ulong text, out ulong length)
    {
        tables = default;
        text = 0;
        length = 0;
        if (!KernelNotes.TryGetRoot(image, out PhysicalAddress root, out PagingMode mode)
            || !notes.TryGetSymbol("prb", out ulong pointer)
            || !notes.TryGetOffset("printk_ringbuffer.text_data_ring", out long ring)
            || !notes.TryGetOffset("prb_data_ring.size_bits", out long bits)
            || !notes.TryGetOffset("prb_data_ring.data", out long data))
        {
            return false;
        }

        tables = KernelNotes.Tables(notes, root, mode);
        ImageMemoryView view = image.Memory.View();
        if (!TryRead(ref view, tables, new VirtualAddress(pointer), out ulong buffer)
            || !TryRead(ref view, tables, new VirtualAddress(buffer + (ulong)ring + (ulong)bits), out ulong size)
            || !TryRead(ref view, tables, new VirtualAddress(buffer + (ulong)ring + (ulong)data), out text))
        {
            return false;
        }

        int log = (int)(uint)size;
        if (log is <= 0 or > MaxTextBits) return false;
        length = 1UL << log;
        return true;
    }

    private static bool TryTranslate(
        ref ImageMemoryView view, in PagingState tables, VirtualAddress address, out PhysicalAddress physical)
    {
        WalkResult result = PageWalker.Translate(ref view, tables, address, MemoryAccess.KernelRead);
        physical = result.Address;
        return result.Status == WalkStatus.Mapped;
    }

    private static bool TryRead(ref ImageMemoryView view, in PagingState tables, VirtualAddress address, out ulong value)
    {
        value = 0;
        return TryTranslate(ref view, tables, address, out PhysicalAddress physical) && view.TryRead(physical, out value);
    }

    // Page by page: neighbours in virtual memory need not be neighbours in physical memory.
    private static int Read(
        MemoryImage image, ref ImageMemoryView view, in PagingState tables, ulong address, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length && TryTranslate(
            ref view, tables, new VirtualAddress(address + (uint)done), out PhysicalAddress physical))
        {
            int rest = ChunkBytes - (int)(physical.Value % ChunkBytes);
            int wanted = Math.Min(rest, destination.Length - done);
            int count = image.Memory.Read(physical, destination.Slice(done, wanted));
            done += count;
            if (count != wanted) break;
        }

        return done;
    }
}
