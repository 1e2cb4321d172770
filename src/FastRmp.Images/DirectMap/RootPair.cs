namespace FastRmp.Images;

/// <summary>The two top tables of a process under page-table isolation.</summary>
/// <remarks>Source: Linux arch/x86/mm/pti.c, arch/x86/include/asm/pgtable.h. A pair is 8 KiB, aligned to its size: the kernel's half comes
/// first, then the one that user mode runs on. Of user space both have the same entries, but that the kernel's have NX. Of the kernel's
/// half of the address space the user's table maps only what entry and exit need; on 64 bits also a page of the direct map for each
/// processor, with its task state segment.</remarks>
internal static class RootPair
{
    private const ulong Bytes = 8192;
    private const int UserEntries = PageArithmetic.EntriesPerTable / 2;

    /// <summary>Where the kernel's half is, if a root is one of a pair.</summary>
    internal static PhysicalAddress KernelHalf(PhysicalAddress root) => PhysicalAddress.Truncate(root.Value & ~(Bytes - 1));

    /// <summary>Whether two tables map user space alike, and any of it.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="first">The kernel's half.</param>
    /// <param name="encryptionMask">The C-bit.</param>
    internal static bool IsPair<TMemory>(scoped ref TMemory memory, PhysicalAddress first, ulong encryptionMask)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        ulong compared =
            PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.UserMask | PagingEntry.AddressMask | encryptionMask;
        bool isUsed = false;
        for (ulong index = 0; index < UserEntries; index++)
        {
            PhysicalAddress at = first + (index * PagingEntry.SizeInBytes);
            if (!memory.TryRead(at, out ulong kernel) || !memory.TryRead(at + (Bytes / 2), out ulong user)) return false;
            if (((kernel ^ user) & compared) != 0) return false;
            isUsed |= (user & PagingEntry.PresentMask) != 0;
        }

        return isUsed;
    }
}
