using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FastRmp.Qemu;

/// <summary>The machine's RAM, a file that the emulator maps too: a q35's, with a hole under 4 GiB if it is large.</summary>
internal sealed partial class GuestRam : IDisposable
{
    /// <summary>Where RAM goes on above the hole.</summary>
    internal const ulong HighStart = 1UL << 32;

    // QEMU hw/i386/pc_q35.c: RAM below the hole ends at 2.75 GiB, or at 2 GiB if there is more than that.
    private const ulong MostLow = 0xB000_0000UL;
    private const ulong LowOfLarge = 0x8000_0000UL;

    private const int SeekData = 3;
    private const int SeekHole = 4;

    private readonly PinnedMemory _all;
    private readonly ulong _low;

    private GuestRam(string path, PinnedMemory all)
    {
        Path = path;
        _all = all;
        _low = all.Length >= MostLow ? LowOfLarge : all.Length;
        PinnedMemoryView high = _low == all.Length
            ? default
            : all.Slice(_low, all.Length - _low).View(PhysicalAddress.Create(HighStart));
        Memory = new GuestMemory(all.Slice(0, _low).View(default), high);
    }

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>The memory for walks.</summary>
    internal GuestMemory Memory { get; }

    /// <summary>The address after the last byte.</summary>
    internal ulong End => _low == _all.Length ? _low : HighStart + (_all.Length - _low);

    /// <summary>Where RAM is.</summary>
    internal ImmutableArray<PhysicalRange> Ranges => _low == _all.Length
        ? [new PhysicalRange(default, _low)]
        : [new PhysicalRange(default, _low), new PhysicalRange(PhysicalAddress.Create(HighStart), _all.Length - _low)];

    /// <summary>The parts of RAM that anything was written to, roughly, with their places in the file: to read the others would take
    /// memory for them.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    internal IReadOnlyList<(PhysicalRange Range, ulong Offset)> Used()
    {
        List<(PhysicalRange, ulong)> parts = [];
        using SafeFileHandle file = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        ulong unit = PageSize.Size2M.Bytes();
        for (ulong next = 0; next < _all.Length;)
        {
            long data = Seek(file, (long)next, SeekData);
            if (data < 0) break;
            long hole = Seek(file, data, SeekHole);
            ulong start = ulong.Max((ulong)data & ~(unit - 1), next);
            next = hole < 0 ? _all.Length : ulong.Min(((ulong)hole + unit - 1) & ~(unit - 1), _all.Length);
            if (start < _low) parts.Add((new PhysicalRange(PhysicalAddress.Create(start), ulong.Min(next, _low) - start), start));
            ulong high = ulong.Max(start, _low);
            if (high < next) parts.Add((new PhysicalRange(PhysicalAddress.Create(HighStart + high - _low), next - high), high));
        }

        return parts;
    }

    /// <summary>Maps the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ram">The RAM, or null.</param>
    /// <param name="problem">What is wrong, or null.</param>
    internal static bool TryOpen(string path, [NotNullWhen(true)] out GuestRam? ram, [NotNullWhen(false)] out string? problem)
    {
        ram = null;
        problem = null;
        PinnedMemory? memory = null;
        try
        {
            memory = PinnedMemory.OpenFile(path, MemoryMappedFileAccess.ReadWrite);
            if ((memory.Length & PageSize.Size4K.OffsetMask()) == 0) ram = new GuestRam(path, memory);
            else problem = $"ram={path}: {memory.Length} bytes are no whole pages";
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            problem = $"ram={path}: {refusal.Message}";
        }

        if (ram is null) memory?.Dispose();
        return ram is not null;
    }

    /// <summary>Where in the file a range is.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="bytes">Bytes, at least 1.</param>
    /// <param name="offset">The offset in the file.</param>
    /// <returns>False unless all of it is RAM in one piece.</returns>
    internal bool TryLocate(ulong address, ulong bytes, out ulong offset)
    {
        bool isHigh = address >= HighStart;
        ulong start = isHigh ? address - HighStart : address;
        ulong length = isHigh ? _all.Length - _low : _low;
        offset = isHigh ? _low + start : start;
        return start < length && bytes <= length - start;
    }

    /// <summary>The bytes of a range.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="bytes">Bytes.</param>
    /// <returns>The bytes, live; empty unless all of it is RAM in one piece.</returns>
    internal Span<byte> Bytes(ulong address, int bytes) =>
        bytes > 0 && TryLocate(address, (ulong)bytes, out ulong offset) ? _all.Span(offset, bytes) : default;

    /// <summary>A part, as storage.</summary>
    internal PinnedMemory Slice(ulong offset, ulong bytes) => _all.Slice(offset, bytes);

    /// <inheritdoc/>
    public void Dispose() => _all.Dispose();

    [LibraryImport("libc", EntryPoint = "lseek")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);
}
