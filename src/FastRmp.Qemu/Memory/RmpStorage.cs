using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FastRmp.Qemu;

/// <summary>The RMP in the machine's own RAM as storage of a table: the bookkeeping, then the entries in the order of their indexes,
/// wherever in RAM they are.</summary>
/// <remarks>The entries of a contiguous RMP are in that order. The parts of a segmented one are mapped once more, one after the
/// other.</remarks>
internal sealed unsafe partial class RmpStorage
{
    private const int ReadWrite = 3;
    private const int Nothing = 0;
    private const int Shared = 1;
    private const int Reserved = 0x4022; // private, anonymous, without a reservation of swap
    private const int Fixed = 0x10;
    private static readonly nint Refused = -1;

    private RmpStorage(PinnedMemory memory) => Memory = memory;

    /// <summary>The storage; valid as long as the RAM is mapped. What was mapped once more stays until the process ends.</summary>
    internal PinnedMemory Memory { get; }

    /// <summary>Finds the RMP in RAM.</summary>
    /// <param name="ram">The RAM.</param>
    /// <param name="geometry">Where the RMP is.</param>
    /// <param name="storage">The storage, or null.</param>
    /// <param name="problem">Which part is not in RAM, or null.</param>
    internal static bool TryMake(
        GuestRam ram, RmpGeometry geometry, [NotNullWhen(true)] out RmpStorage? storage, [NotNullWhen(false)] out string? problem)
    {
        storage = null;
        List<(ulong Offset, ulong Bytes)> parts = [];
        for (int i = 0; i < geometry.OwnRanges; i++)
        {
            PhysicalRange range = geometry.OwnRange(i);
            if (!ram.TryLocate(range.Start.Value, range.Length, out ulong offset))
            {
                problem = $"the RMP's part 0x{range.Start.Value:x}-0x{range.End - 1:x} is not in the machine's RAM";
                return false;
            }

            parts.Add((offset, geometry.IsSegmented && i == 0 ? ContiguousGeometry.BookkeepingBytes : range.Length));
        }

        problem = parts.Count == 0 ? "there is no RMP" : null;
        if (problem is not null) return false;
        if (parts.Count == 1) storage = new RmpStorage(ram.Slice(parts[0].Offset, parts[0].Bytes));
        else problem = Compose(ram.Path, parts, geometry.StorageBytes, out storage);
        return storage is not null;
    }

    private static string? Compose(string path, List<(ulong Offset, ulong Bytes)> parts, ulong bytes, out RmpStorage? storage)
    {
        storage = null;
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        nint origin = Map(0, (nuint)bytes, Nothing, Reserved, -1, 0);
        if (origin == Refused) return "the operating system has no address space for the RMP";
        nint place = origin;
        foreach ((ulong offset, ulong length) in parts)
        {
            if (Map(place, (nuint)length, ReadWrite, Shared | Fixed, (int)file.DangerousGetHandle(), (nint)offset) == Refused)
            {
                return $"{path}: the RMP at offset 0x{offset:x} cannot be mapped once more";
            }

            place += (nint)length;
        }

        storage = new RmpStorage(PinnedMemory.Borrow((void*)origin, bytes)); // Safety: mapped above, all of it, and never unmapped.
        return null;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Map(nint place, nuint bytes, int protection, int flags, int file, nint offset);
}
