using System;

namespace FastRmp;

/// <summary>The geometry of an RMP: which pages it covers, and where the entry of each page is.</summary>
/// <remarks>A <c>struct</c> type argument of <see cref="ReverseMapTable{TGeometry}"/>, so that a lookup is compiled for it. The 2
/// MiB-aligned page of a region has an index that is a multiple of 512, and a region is covered whole or not at all. The table does not
/// check the indexes: each must lie in [1024, 1024 + <see cref="CoveredPages"/>) and <see cref="StorageBytes"/> must hold them after 16 KiB
/// of bookkeeping. The default value must cover nothing.</remarks>
public interface IRmpGeometry
{
    /// <summary>Bytes of storage that the table needs, bookkeeping included.</summary>
    ulong StorageBytes { get; }

    /// <summary>Covered pages of 4 KiB.</summary>
    ulong CoveredPages { get; }

    /// <summary>Whether the RMP is segmented.</summary>
    bool IsSegmented { get; }

    /// <summary>How many ranges the covered memory consists of. None in the default value.</summary>
    int CoveredRanges { get; }

    /// <summary>How many ranges of memory the RMP itself occupies.</summary>
    /// <remarks>x86 software cannot write them: their pages, where covered, are Firmware from the moment that SNP_EN is set. None in the
    /// default value.</remarks>
    int OwnRanges { get; }

    /// <summary>Finds the entry of a page.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <param name="index">Index of the 16-byte entry in the storage, counted from its first byte.</param>
    /// <returns>False if the page is not covered: it has no entry.</returns>
    bool TryGetIndex(PhysicalAddress address, out nuint index);

    /// <summary>A range of covered memory. Ranges come in the order of their addresses and of their entries; one may begin where the one
    /// before ends.</summary>
    /// <param name="index">Number of the range, from 0 to <see cref="CoveredRanges"/> − 1.</param>
    /// <returns>The range: whole 2 MiB regions, at least one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such range.</exception>
    PhysicalRange CoveredRange(int index);

    /// <summary>A range of memory that the RMP itself occupies; no two overlap.</summary>
    /// <param name="index">Number of the range, from 0 to <see cref="OwnRanges"/> − 1.</param>
    /// <returns>The range: whole 4 KiB pages, at least one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such range.</exception>
    PhysicalRange OwnRange(int index);

    /// <summary>Why firmware would not initialise SNP with this RMP. It requires, more than hardware does, that all of the RMP is aligned
    /// to 1 MiB, that a contiguous one is a whole number of MiB, that the RMP covers its own pages, and that each range of it is inside a
    /// single range of DRAM.</summary>
    /// <param name="dram">The ranges of DRAM; if empty, that rule is left out.</param>
    /// <returns>The first reason found, or null if there is none.</returns>
    string? FirmwareRefusal(ReadOnlySpan<PhysicalRange> dram);
}
