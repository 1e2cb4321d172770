using System;
using FastRmp.Paging;

namespace FastRmp.Qemu;

/// <summary>A processor's virtual memory, read and written by walking its tables in the machine's RAM.</summary>
internal static class VirtualMemory
{
    /// <summary>Reads bytes as the kernel does, without touching Accessed bits.</summary>
    /// <returns>False if a page is not mapped or not RAM.</returns>
    internal static bool TryRead(GuestRam ram, in GuestState state, ulong address, Span<byte> destination) =>
        TryCopy(ram, state, address, destination, MemoryAccess.KernelRead);

    /// <summary>Reads the bytes of an instruction that the kernel may execute.</summary>
    /// <returns>False if a page is not mapped, not executable or not RAM.</returns>
    internal static bool TryFetch(GuestRam ram, in GuestState state, ulong address, Span<byte> destination) =>
        TryCopy(ram, state, address, destination, MemoryAccess.KernelFetch);

    /// <summary>Reads the bytes of an instruction, whoever executed it.</summary>
    /// <returns>False if a page is not mapped or not RAM.</returns>
    internal static bool TryReadCode(GuestRam ram, in GuestState state, ulong address, Span<byte> destination) =>
        TryCopy(ram, state, address, destination, new MemoryAccess(AccessKind.Read, MayTouchUserPages: true));

    /// <summary>Writes bytes as the kernel does, by as many stores as pages; all of them or none.</summary>
    /// <returns>False if a page is not mapped, not writable or not RAM.</returns>
    internal static bool TryWrite(GuestRam ram, in GuestState state, ulong address, ReadOnlySpan<byte> source)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            for (int done = 0; done < source.Length;)
            {
                Span<byte> part = Locate(ram, state, address + (ulong)done, source.Length - done, MemoryAccess.KernelWrite);
                if (part.IsEmpty) return false;
                if (pass != 0) source.Slice(done, part.Length).CopyTo(part);
                done += part.Length;
            }
        }

        return true;
    }

    /// <summary>The physical address that the kernel reads.</summary>
    /// <returns>False if it is not mapped.</returns>
    internal static bool TryTranslate(GuestRam ram, in GuestState state, ulong address, out ulong physical)
    {
        physical = address;
        if (!state.Registers.Paging) return true;
        if (!state.IsLongMode) return false;
        GuestMemory memory = ram.Memory;
        WalkResult walk = PageWalker.Translate(ref memory, state.Paging(), new VirtualAddress(address), MemoryAccess.KernelRead);
        physical = walk.Address.Value;
        return walk.IsMapped;
    }

    private static bool TryCopy(GuestRam ram, in GuestState state, ulong address, Span<byte> destination, MemoryAccess access)
    {
        for (int done = 0; done < destination.Length;)
        {
            Span<byte> part = Locate(ram, state, address + (ulong)done, destination.Length - done, access);
            if (part.IsEmpty) return false;
            part.CopyTo(destination[done..]);
            done += part.Length;
        }

        return true;
    }

    /// <summary>The bytes from an address on that are on its page.</summary>
    private static Span<byte> Locate(GuestRam ram, in GuestState state, ulong address, int bytes, MemoryAccess access)
    {
        int count = int.Min(bytes, (int)(PageSize.Size4K.Bytes() - (address & PageSize.Size4K.OffsetMask())));
        if (!state.Registers.Paging) return ram.Bytes(address, count);
        if (!state.IsLongMode) return default;
        GuestMemory memory = ram.Memory;
        WalkResult walk = PageWalker.Translate(ref memory, state.Paging(), new VirtualAddress(address), access);
        return walk.IsMapped ? ram.Bytes(walk.Address.Value, count) : default;
    }
}
