using System;
using System.Threading;
using FastRmp.Paging;

namespace FastRmp.Images;

/// <summary>The kernel's virtual memory in an image, through its reference tables.</summary>
/// <remarks>Immutable; any threads may use it. Valid while its image is.</remarks>
internal sealed class KernelMemory
{
    private const int PageBytes = 4096;

    private readonly ImageMemory _memory;
    private readonly PagingState _tables;

    private KernelMemory(ImageMemory memory, in PagingState tables)
    {
        _memory = memory;
        _tables = tables;
    }

    /// <summary>Finds the tables by the kernel's notes.</summary>
    /// <returns>Null if the image has no notes, or they do not name the tables.</returns>
    internal static KernelMemory? Of(MemoryImage image, CancellationToken cancellation = default)
    {
        if (image.FindVmCoreInfo(cancellation) is not { } notes) return null;
        return KernelNotes.TryGetRoot(image, out PhysicalAddress root, out PagingMode mode)
            ? new KernelMemory(image.Memory, KernelNotes.Tables(notes, root, mode)) : null;
    }

    /// <summary>Reads a quadword.</summary>
    /// <returns>False if its page is not mapped or not in the image.</returns>
    internal bool TryRead(ulong address, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bool isWhole = Read(address, bytes) == bytes.Length;
        value = isWhole ? BitConverter.ToUInt64(bytes) : 0;
        return isWhole;
    }

    /// <summary>Copies bytes: page by page, since neighbours in virtual memory need not be neighbours in physical memory.</summary>
    /// <returns>How many there are before the first that is not there.</returns>
    internal int Read(ulong address, Span<byte> destination)
    {
        ImageMemoryView view = _memory.View();
        int done = 0;
        while (done < destination.Length)
        {
            WalkResult found =
                PageWalker.Translate(ref view, _tables, new VirtualAddress(address + (uint)done), MemoryAccess.KernelRead);
            if (found.Status != WalkStatus.Mapped) break;
            int wanted = Math.Min(PageBytes - (int)(found.Address.Value % PageBytes), destination.Length - done);
            int count = _memory.Read(found.Address, destination.Slice(done, wanted));
            done += count;
            if (count != wanted) break;
        }

        return done;
    }

    /// <summary>Copies bytes; what is not there reads as zeros.</summary>
    internal void ReadOrZero(ulong address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int done = Read(address, destination);
            if (done == destination.Length) return;
            int absent = Math.Min(PageBytes - (int)((address + (uint)done) % PageBytes), destination.Length - done);
            destination.Slice(done, absent).Clear();
            destination = destination[(done + absent)..];
            address += (uint)(done + absent);
        }
    }
}
