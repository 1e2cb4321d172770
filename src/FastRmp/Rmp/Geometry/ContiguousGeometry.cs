using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>The contiguous RMP: 16 KiB of bookkeeping, then one entry for each 4 KiB page from address 0.</summary>
/// <remarks>AMD64 APM vol. 2, 15.36; RMP_BASE is MSR C001_0132, RMP_END is MSR C001_0133. Hardware uses bits [51:13] of both.
/// Immutable; any threads may share it.</remarks>
public readonly struct ContiguousGeometry : IRmpGeometry, IEquatable<ContiguousGeometry>
{
    /// <summary>Bytes of bookkeeping before the first entry.</summary>
    public const ulong BookkeepingBytes = 0x4000;

    /// <summary>Counters that the bookkeeping begins with: one quadword for each ASID.</summary>
    public const uint AsidCounters = (uint)(BookkeepingBytes / sizeof(ulong));

    private const nuint FirstEntry = (nuint)BookkeepingBytes / RmpEntry.SizeInBytes;

    private readonly ulong _coveredPages;

    /// <summary>Makes the geometry from the two MSR values.</summary>
    /// <param name="rmpBase">RMP_BASE: address of the table's first byte, a multiple of 8 KiB.</param>
    /// <param name="rmpEnd">RMP_END: address of the table's last byte; one more is a multiple of 8 KiB.</param>
    /// <exception cref="ArgumentException">Both have the values of a BIOS that reserved no RMP, an address is not 8 KiB granular, the table
    /// is too small to hold an entry, or it would cover more than 2^52 bytes.</exception>
    public ContiguousGeometry(PhysicalAddress rmpBase, PhysicalAddress rmpEnd)
    {
        string? refusal = Refusal(rmpBase, rmpEnd, out string parameter);
        if (refusal is not null) Throw.Geometry(parameter, refusal);
        Base = rmpBase;
        End = rmpEnd;
        _coveredPages = PagesOf(rmpBase, rmpEnd);
    }

    /// <summary>RMP_BASE: address of the first byte.</summary>
    public PhysicalAddress Base { get; }

    /// <summary>RMP_END: address of the last byte.</summary>
    public PhysicalAddress End { get; }

    /// <inheritdoc/>
    public ulong StorageBytes => End.Value - Base.Value + 1;

    /// <inheritdoc/>
    public ulong CoveredPages => _coveredPages;

    /// <inheritdoc/>
    public bool IsSegmented => false;

    /// <inheritdoc/>
    public int CoveredRanges => _coveredPages == 0 ? 0 : 1;

    /// <inheritdoc/>
    public int OwnRanges => _coveredPages == 0 ? 0 : 1;

    /// <summary>Makes the geometry, or says why not.</summary>
    /// <param name="rmpBase">As the constructor's.</param>
    /// <param name="rmpEnd">As the constructor's.</param>
    /// <param name="geometry">The geometry; if refused, the default one, which covers nothing.</param>
    /// <param name="refusal">The message of the constructor's exception, or null.</param>
    /// <returns>Whether the geometry was made.</returns>
    public static bool TryCreate(
        PhysicalAddress rmpBase, PhysicalAddress rmpEnd, out ContiguousGeometry geometry, [NotNullWhen(false)] out string? refusal)
    {
        refusal = Refusal(rmpBase, rmpEnd, out _);
        geometry = refusal is null ? new ContiguousGeometry(rmpBase, rmpEnd) : default;
        return refusal is null;
    }

    /// <summary>The smallest contiguous table that covers memory up to an address.</summary>
    /// <param name="rmpBase">Address of the table's first byte, a multiple of 8 KiB.</param>
    /// <param name="coveredBytes">Bytes to cover from address 0; rounded up to 2 MiB.</param>
    /// <returns>The geometry.</returns>
    /// <exception cref="ArgumentException">As the constructor's; also if the table would end above 2^52.</exception>
    public static ContiguousGeometry Covering(PhysicalAddress rmpBase, ulong coveredBytes)
    {
        ulong regions = (coveredBytes >> PageSize.Size2M.Shift()) + ((coveredBytes & PageSize.Size2M.OffsetMask()) == 0 ? 0UL : 1UL);
        ulong bytes = BookkeepingBytes + (regions * PageSize.Size2M.Pages() * RmpEntry.SizeInBytes);
        if (!PhysicalAddress.TryCreate(rmpBase.Value + bytes - 1, out PhysicalAddress end))
        {
            Throw.Geometry(
                nameof(coveredBytes), $"A table at 0x{rmpBase.Value:x} that covers 0x{coveredBytes:x} bytes would end above 2^52.");
        }

        return new ContiguousGeometry(rmpBase, end);
    }

    /// <summary>The address of the entry of a page.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <param name="entryAddress">Address of the entry.</param>
    /// <returns>False if the page is not covered.</returns>
    public bool TryGetEntryAddress(PhysicalAddress address, out PhysicalAddress entryAddress)
    {
        bool covered = TryGetIndex(address, out nuint index);
        entryAddress = covered ? Base + ((ulong)index * RmpEntry.SizeInBytes) : default;
        return covered;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetIndex(PhysicalAddress address, out nuint index)
    {
        ulong page = address.PageNumber;
        index = (nuint)page + FirstEntry;
        return page < _coveredPages;
    }

    /// <inheritdoc/>
    public PhysicalRange CoveredRange(int index)
    {
        if ((uint)index >= (uint)CoveredRanges) Throw.NoSuchRange(nameof(index), index, CoveredRanges);
        return new PhysicalRange(default, CoveredPages << PageSize.Size4K.Shift());
    }

    /// <inheritdoc/>
    public PhysicalRange OwnRange(int index)
    {
        if ((uint)index >= (uint)OwnRanges) Throw.NoSuchRange(nameof(index), index, OwnRanges);
        return new PhysicalRange(Base, StorageBytes);
    }

    /// <inheritdoc/>
    public string? FirmwareRefusal(ReadOnlySpan<PhysicalRange> dram) => _coveredPages != 0 && StorageBytes % FirmwareRules.Alignment != 0
        ? $"The RMP at {FirmwareRules.Text(OwnRange(0))} is not a whole number of MiB."
        : FirmwareRules.Refusal(this, dram);

    /// <inheritdoc/>
    public bool Equals(ContiguousGeometry other) => Base == other.Base && End == other.End;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ContiguousGeometry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Base, End);

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both tables lie at the same place.</returns>
    public static bool operator ==(ContiguousGeometry left, ContiguousGeometry right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the tables differ.</returns>
    public static bool operator !=(ContiguousGeometry left, ContiguousGeometry right) => !left.Equals(right);

    private static ulong PagesOf(PhysicalAddress rmpBase, PhysicalAddress rmpEnd) =>
        (rmpEnd - rmpBase + 1 - BookkeepingBytes) / RmpEntry.SizeInBytes;

    private static string? Refusal(PhysicalAddress rmpBase, PhysicalAddress rmpEnd, out string parameter)
    {
        RmpBoundary first = new(rmpBase.Value);
        RmpBoundary last = new(rmpEnd.Value);
        parameter = nameof(rmpEnd);
        if (first.Unit == default && last.Unit == default)
        {
            return $"RMP_BASE 0x{rmpBase.Value:x} and RMP_END 0x{rmpEnd.Value:x} have no address in bits [51:13]: "
                + $"the BIOS reserved no memory, there is no RMP.";
        }

        parameter = nameof(rmpBase);
        if (first.Low != 0) return $"RMP_BASE 0x{rmpBase.Value:x} is not a multiple of 8 KiB.";
        parameter = nameof(rmpEnd);
        if (last.Low != RmpBoundary.LowMask) return $"RMP_END 0x{rmpEnd.Value:x} is not the last byte of an 8 KiB unit.";
        if (rmpEnd < rmpBase || rmpEnd - rmpBase < BookkeepingBytes)
        {
            return $"The table 0x{rmpBase.Value:x}-0x{rmpEnd.Value:x} has no room for an entry after 16 KiB of bookkeeping: "
                + $"there is no RMP.";
        }

        return PagesOf(rmpBase, rmpEnd) > (PhysicalAddress.ValidMask >> PageSize.Size4K.Shift()) + 1
            ? $"The table 0x{rmpBase.Value:x}-0x{rmpEnd.Value:x} has more entries than there are pages below 2^52."
            : null;
    }
}
