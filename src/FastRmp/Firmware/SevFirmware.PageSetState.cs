using System;
using System.Collections.Generic;

namespace FastRmp.Firmware;

/// <content>SNP_PAGE_SET_STATE.</content>
public sealed partial class SevFirmware<TGeometry>
{
    private const uint MaxListedRanges = 255;

    // Kept from command to command, so that one allocates nothing.
    private readonly List<PhysicalRange> _listed = [];
    private readonly List<PhysicalRange> _pieces = [];

    /// <summary>SNP_PAGE_SET_STATE (0xC6): Firmware → HV_Fixed, for a list of ranges; the RMP's own pages, and what it does not cover, are
    /// left out of them.</summary>
    /// <param name="parameters">The command's parameters.</param>
    /// <returns>SUCCESS, INVALID_LENGTH, INVALID_PARAM, INVALID_PLATFORM_STATE, INVALID_ADDRESS or INVALID_PAGE_STATE.</returns>
    /// <remarks>Ranges are taken in the order of their addresses; one of no pages, or that overlaps an earlier one of the list, counts for
    /// nothing. With INVALID_PAGE_STATE nothing is changed. A piece of 2 MiB that does not begin at a region, or whose base entry counts
    /// fewer sub-pages than it has, gives INVALID_ADDRESS; pieces before it stay changed.</remarks>
    public FirmwareStatus PageSetState(in PlatformParameters parameters)
    {
        if (parameters.Length is not (null or PlatformParameters.PageSetStateLength)) return FirmwareStatus.InvalidLength;
        if (parameters.HasReservedBits || !IsPage(parameters.ListAddress)) return FirmwareStatus.InvalidParam;
        if (!IsInit) return FirmwareStatus.InvalidPlatformState;
        if (CheckAddress(Strip(parameters.ListAddress), PageSize.Size4K.Bytes()) != FirmwareStatus.Success)
        {
            return FirmwareStatus.InvalidAddress;
        }

        List<PhysicalRange> ranges = Listed(parameters, LargePageOffset, out bool isValid);
        if (!isValid) return FirmwareStatus.InvalidParam;
        _pieces.Clear();
        foreach (PhysicalRange range in ranges)
        {
            AddPieces(range);
        }

        _pieces.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        foreach (PhysicalRange piece in _pieces)
        {
            if (!FirmwareTransitions.AreFirmwarePages(Table, piece)) return FirmwareStatus.InvalidPageState;
        }

        // All of them are immutable: they are what they are until we write them.
        foreach (PhysicalRange piece in _pieces)
        {
            if (!TryFix(piece)) return FirmwareStatus.InvalidAddress;
        }

        return FirmwareStatus.Success;
    }

    /// <summary>The ranges of a list that have pages, up to the first entry that is none.</summary>
    /// <param name="parameters">The list is in it.</param>
    /// <param name="offsetMask">The bits of a base that have to be 0.</param>
    /// <param name="isValid">Whether every entry is one.</param>
    /// <remarks>Source: AMD SEV firmware, sev_rmp.c, walk_reserved_list.</remarks>
    private List<PhysicalRange> Listed(in PlatformParameters parameters, ulong offsetMask, out bool isValid)
    {
        _listed.Clear();
        ReadOnlySpan<PageRangeEntry> ranges = parameters.Ranges;
        uint count = parameters.RangeCount ?? (uint)ranges.Length;
        isValid = count <= MaxListedRanges && parameters.ListReserved == 0;
        for (uint i = 0; isValid && i < count; i++)
        {
            PageRangeEntry entry = i < (uint)ranges.Length ? ranges[(int)i] : default;
            ulong first = Strip(entry.Base);
            isValid = entry.Reserved == 0 && (first & offsetMask) == 0;
            const ulong AddressSpace = PhysicalAddress.ValidMask + 1;
            if (!isValid || entry.Pages == 0 || first >= AddressSpace) continue;
            ulong bytes = Math.Min((ulong)entry.Pages << PageSize.Size4K.Shift(), AddressSpace - first);
            _listed.Add(new PhysicalRange(PhysicalAddress.Create(first), bytes));
        }

        return _listed;
    }

    /// <summary>Adds what is covered of a range, without the RMP's own pages.</summary>
    private void AddPieces(PhysicalRange range)
    {
        TGeometry geometry = Table.Geometry;
        for (int i = 0; i < geometry.CoveredRanges; i++)
        {
            PhysicalRange covered = geometry.CoveredRange(i);
            ulong start = Math.Max(range.Start.Value, covered.Start.Value);
            ulong end = Math.Min(range.End, covered.End);
            foreach (PhysicalRange own in _own)
            {
                if (own.Start.Value >= end || own.End <= start) continue;
                AddPiece(start, Math.Min(own.Start.Value, end));
                start = own.End;
            }

            AddPiece(start, end);
        }
    }

    /// <summary>Adds a piece, unless it overlaps one that is there.</summary>
    private void AddPiece(ulong start, ulong end)
    {
        if (start >= end) return;
        foreach (PhysicalRange piece in _pieces)
        {
            if (Overlap(start, end - start, piece)) return;
        }

        _pieces.Add(new PhysicalRange(PhysicalAddress.Create(start), end - start));
    }

    /// <summary>Makes Firmware pages HV_Fixed, 2 MiB by 2 MiB.</summary>
    /// <returns>False if a step does not begin at a region, or the region's count is below what is assigned.</returns>
    private bool TryFix(PhysicalRange piece)
    {
        for (ulong offset = 0; offset < piece.Length; offset += PageSize.Size2M.Bytes())
        {
            PhysicalRange step = new(piece.Start + offset, Math.Min(PageSize.Size2M.Bytes(), piece.Length - offset));
            if (!step.Start.IsAligned(PageSize.Size2M) || !FirmwareTransitions.TryFix(Table, step)) return false;
        }

        return true;
    }
}
