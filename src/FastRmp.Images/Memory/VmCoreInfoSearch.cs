using System;
using System.Threading;
using FastRmp.Paging;

namespace FastRmp.Images;

/// <summary>Looks for the kernel's VMCOREINFO in memory, for formats that have no place for it.</summary>
/// <remarks>
/// <para>The kernel keeps the text at the beginning of a page, and a note of it (a header and the name before the text) in another. Copies
/// that others made lie anywhere, and those of an earlier kernel may still be there: only a text counts whose reference tables map
/// themselves where the text has them. Source: Linux kernel/vmcore_info.c (vmcoreinfo_data, vmcoreinfo_note).</para>
/// </remarks>
internal static class VmCoreInfoSearch
{
    private const int PageBytes = 4096;
    private const int NoteBytes = 24; // sizes, type, "VMCOREINFO" and a zero
    private const int MaxTextBytes = PageBytes;
    private const int MostInPage = 8; // the notes have a page of their own: more that look like them are a trap

    private static ReadOnlySpan<byte> Begin => "OSRELEASE="u8;

    /// <summary>Looks through memory, first where the kernel keeps it, then everywhere.</summary>
    /// <returns>The notes; null if there are none that fit the memory.</returns>
    internal static VmCoreInfo? Find(ImageMemory memory, CancellationToken cancellation) =>
        Find(memory, isAnywhere: false, cancellation) ?? Find(memory, isAnywhere: true, cancellation);

    private static VmCoreInfo? Find(ImageMemory memory, bool isAnywhere, CancellationToken cancellation)
    {
        using PooledArray<byte> buffer = new(3 * PageBytes);
        ulong at = 0;
        while (memory.Source.TryNextHeld(at, out ulong start, out ulong end))
        {
            cancellation.ThrowIfCancellationRequested();
            for (ulong page = (start + PageBytes - 1) & ~(ulong)(PageBytes - 1); page < end; page += PageBytes)
            {
                page = memory.Source.NextData(page) & ~(ulong)(PageBytes - 1);
                if (page >= end) break;
                if (page % (1UL << 30) == 0) cancellation.ThrowIfCancellationRequested();
                VmCoreInfo? found = isAnywhere ? Anywhere(memory, page, buffer.Span)
                    : At(memory, page, buffer.Span) ?? At(memory, page + NoteBytes, buffer.Span);
                if (found is not null) return found;
            }

            at = end;
        }

        return null;
    }

    private static VmCoreInfo? Anywhere(ImageMemory memory, ulong page, Span<byte> buffer)
    {
        int length = memory.Source.Read(page, buffer[..(PageBytes + Begin.Length)]);
        int from = 0;
        for (int count = 0; count < MostInPage && from < length && buffer[from..length].IndexOf(Begin) is >= 0 and int found; count++)
        {
            from += found;
            if (from >= PageBytes) break;
            if (At(memory, page + (uint)from, buffer[(2 * PageBytes)..]) is { } notes) return notes;
            from++;
        }

        return null;
    }

    private static VmCoreInfo? At(ImageMemory memory, ulong address, Span<byte> buffer)
    {
        Span<byte> begin = stackalloc byte[16];
        begin = begin[..Begin.Length];
        if (memory.Source.Read(address, begin) != begin.Length || !begin.SequenceEqual(Begin)) return null;
        Span<byte> text = buffer[..memory.Source.Read(address, buffer[..MaxTextBytes])];
        int end = text.IndexOf((byte)0);
        if (end >= 0) text = text[..end];
        if (text.IndexOf("SYMBOL("u8) < 0) return null;
        VmCoreInfo notes = new(text.ToArray(), address);
        return IsOfThisMemory(memory, notes) ? notes : null;
    }

    /// <summary>Whether the tables that the notes name map the symbol that the notes have them at.</summary>
    private static bool IsOfThisMemory(ImageMemory memory, VmCoreInfo notes)
    {
        if (!KernelNotes.TryGetRoot(notes, out PhysicalAddress root, out PagingMode mode)
            || !KernelNotes.TryGetRootSymbol(notes, out ulong symbol))
        {
            return false;
        }

        ImageMemoryView view = memory.View();
        WalkResult mapped =
            PageWalker.Translate(ref view, KernelNotes.Tables(notes, root, mode), new VirtualAddress(symbol), MemoryAccess.KernelRead);
        return mapped.Status == WalkStatus.Mapped && mapped.Address == root;
    }
}
