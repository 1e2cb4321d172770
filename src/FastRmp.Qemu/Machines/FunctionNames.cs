using System;
using System.IO;
using System.Linq;
using System.Threading;
using FastRmp.Images;

namespace FastRmp.Qemu;

/// <summary>Names of the kernel's functions by their addresses: from a list of its symbols, or from the one that the kernel itself has in
/// memory. Any threads.</summary>
/// <param name="list">The list, or null for the kernel's own.</param>
/// <param name="ram">The RAM.</param>
/// <param name="interrupts">The kernel's interrupt descriptor tables: where the gates of #UD and #PF lead says how far address
/// randomisation moved the kernel from where the list has it.</param>
/// <param name="map">The direct map: a kernel that another one started has one of its own, and is somewhere else.</param>
/// <param name="notes">Receives why there are no names.</param>
internal sealed class FunctionNames(KernelSymbols? list, GuestRam ram, InterruptTables interrupts, DirectMapWatch map, Notes notes)
{
    // Linux arch/x86/include/asm/idtentry.h
    private const string UndefinedEntry = "asm_exc_invalid_op";
    private const string PageFaultEntry = "asm_exc_page_fault";
    private const ulong MostMoved = 1UL << 30; // arch/x86/include/asm/page_64_types.h: KERNEL_IMAGE_SIZE
    private readonly Lock _gate = new();
    private KernelSymbols? _symbols;
    private ulong _moved;
    private bool _isUnknown;
    private int _maps;

    /// <summary>The function at an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="isAtEnd">Whether the machine has ended. Before that the kernel's own list is not looked for, since a processor that
    /// waits for it would lose seconds.</param>
    /// <returns>Name and offset, such as <c>memset+0x1f</c>; null if it is not known.</returns>
    internal string? Of(ulong address, bool isAtEnd = false)
    {
        lock (_gate)
        {
            if (_maps != map.Maps) Forget();
            if (_symbols is null && !_isUnknown && (isAtEnd || list is not null)) _isUnknown = !(list is null ? TryOwn() : TryMoved(list));
            return _symbols is not null && _symbols.TryFindFunction(address - _moved, out string? name, out ulong offset)
                ? FormattableString.Invariant($"{name}+0x{offset:x}")
                : null;
        }
    }

    /// <summary>Another kernel runs than when the names were found. Its own list is not told from what is left in memory of the first
    /// one's.</summary>
    private void Forget()
    {
        _maps = map.Maps;
        _symbols = null;
        _isUnknown = list is null && _maps > 1;
        if (_isUnknown) notes.Add($"functions have no names: the memory has the symbols of {_maps} kernels; symbols=FILE names a list");
    }

    /// <summary>The kernel's own list, at its own addresses.</summary>
    private bool TryOwn()
    {
        string? reason;
        try
        {
            string ranges = string.Join(',', ram.Used().Select(static part => FormattableString.Invariant(
                $"{part.Range.Start.Value:x}-{part.Range.End - 1:x}@{part.Offset:x}")));
            _ = RamLayout.TryParse(ranges, out RamLayout? layout);
            using MemoryImage image = MemoryImage.Open(ram.Path, new MemoryImageOptions { Ram = layout, FindsParts = false });
            if (KernelSymbols.TryRead(image, out _symbols, out reason)) return true;
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or MalformedInputException)
        {
            reason = refusal.Message;
        }

        notes.Add($"functions have no names: the machine's memory {reason}; symbols=FILE names a list");
        return false;
    }

    /// <summary>How far the kernel is from where a list has it.</summary>
    private bool TryMoved(KernelSymbols symbols)
    {
        bool hasEntries = symbols.TryGet(UndefinedEntry, out ulong undefined) & symbols.TryGet(PageFaultEntry, out ulong pageFault);
        if (!hasEntries)
        {
            notes.Add($"{symbols.Name} has no {UndefinedEntry} and {PageFaultEntry}, by which it is known how far the kernel was moved");
            return false;
        }

        foreach ((ulong Undefined, ulong PageFault) gates in interrupts.Gates(ram))
        {
            _moved = gates.Undefined - undefined;
            if (gates.PageFault - pageFault != _moved || _moved >= MostMoved || (_moved & PageSize.Size2M.OffsetMask()) != 0) continue;
            _symbols = symbols;
            return true;
        }

        notes.Add($"{symbols.Name} is of another kernel: no gates of #UD and #PF lead where it has {UndefinedEntry} and {PageFaultEntry}");
        return false;
    }
}
