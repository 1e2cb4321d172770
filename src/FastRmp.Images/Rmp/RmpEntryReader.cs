using System;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>Hands out the entries of an RMP in an image, in whole regions of 2 MiB, straight from the image wherever they lie together in
/// it.</summary>
/// <remarks>Segments come one after the other, in the order of the memory that they cover. A part that the image does not hold is skipped
/// in one step, so that a wrong range costs no time. For one thread.</remarks>
public sealed class RmpEntryReader
{
    private const int RegionEntries = PageArithmetic.EntriesPerTable;

    /// <summary>Bytes of the entries of a region.</summary>
    private const int RegionBytes = RegionEntries * RmpEntry.SizeInBytes;

    /// <summary>The most that is handed out at once: 64 MiB, so that a caller can show progress and notice an interrupt.</summary>
    private const int MaxRegions = 8192;

    private readonly RmpImage _image;
    private readonly RmpEntry[] _spread = new RmpEntry[RegionEntries];
    private int _ranges; // covered ranges that were begun
    private ulong _covered; // address of the first page of the last of them
    private ulong _first; // where its entries begin
    private ulong _end;
    private ulong _position;

    internal RmpEntryReader(RmpImage image) => _image = image;

    /// <summary>Pages passed over so far because their region's entries are not in the image, whole.</summary>
    public ulong AbsentPages { get; private set; }

    /// <summary>The first of them.</summary>
    public PhysicalAddress FirstAbsentPage { get; private set; }

    private PhysicalAddress Page =>
        PhysicalAddress.Truncate(_covered + ((_position - _first) / RmpEntry.SizeInBytes << PageSize.Size4K.Shift()));

    /// <summary>Hands out the next regions.</summary>
    /// <param name="start">The page of the first entry.</param>
    /// <param name="entries">Entries of whole regions; valid until the next call.</param>
    /// <returns>False at the end.</returns>
    public bool TryRead(out PhysicalAddress start, out ReadOnlySpan<RmpEntry> entries)
    {
        while (_position < _end || BeginsRange())
        {
            if (!_image.Memory.TryNextRange(PhysicalAddress.Create(_position), out PhysicalRange range))
            {
                PassOver(_end);
                continue;
            }

            if (range.Start.Value >= _position + RegionBytes)
            {
                PassOver(Math.Min(_end, _position + ((range.Start.Value - _position) / RegionBytes * RegionBytes)));
                continue;
            }

            start = Page;
            if (TryTake(out entries)) return true;
            PassOver(_position + RegionBytes);
        }

        start = default;
        entries = default;
        return false;
    }

    private bool BeginsRange()
    {
        if (_ranges >= _image.Geometry.CoveredRanges) return false;
        PhysicalRange covered = _image.Geometry.CoveredRange(_ranges++);
        _ = _image.Geometry.TryGetEntryAddress(covered.Start, out PhysicalAddress entry);
        _covered = covered.Start.Value;
        _first = entry.Value;
        _position = _first;
        _end = _first + ((covered.Length >> PageSize.Size4K.Shift()) * RmpEntry.SizeInBytes);
        return true;
    }

    /// <summary>Takes the regions that lie together in memory one after the other, or one that is copied.</summary>
    private bool TryTake(out ReadOnlySpan<RmpEntry> entries)
    {
        if (_image.Memory.TryTogether(_position, Math.Min(_end - _position, (ulong)MaxRegions * RegionBytes), out ReadOnlySpan<byte> bytes)
            && bytes.Length >= RegionBytes)
        {
            bytes = bytes[..(bytes.Length / RegionBytes * RegionBytes)];
            entries = MemoryMarshal.Cast<byte, RmpEntry>(bytes);
            _position += (ulong)bytes.Length;
            return true;
        }

        entries = default;
        if (_image.Memory.Read(PhysicalAddress.Create(_position), MemoryMarshal.AsBytes(_spread.AsSpan())) != RegionBytes) return false;
        entries = _spread;
        _position += RegionBytes;
        return true;
    }

    private void PassOver(ulong position)
    {
        if (AbsentPages == 0) FirstAbsentPage = Page;
        AbsentPages += (position - _position) / RmpEntry.SizeInBytes;
        _position = position;
    }
}
