using System.Globalization;

namespace FastRmp.Iommu;

/// <summary>A page that a device may reach: through host (v1) tables, or with a PASID through guest (v2) tables, and host tables below if
/// there are any.</summary>
/// <param name="DeviceAddress">First byte as the device sees it; of a host entry that does not agree with the others of its page, where
/// that entry begins.</param>
/// <param name="Address">What that byte is in physical memory.</param>
/// <param name="SizeShift">Binary logarithm of the bytes that the entry says; over host tables the smaller of both tables' pages.</param>
/// <param name="Rights">What the device table entry and all tables allow a request that claims no privilege.</param>
/// <param name="Value">The entry that maps the page; of two sets of tables that of the guest's.</param>
/// <param name="Level">The level of that entry's table.</param>
/// <param name="Pasid">The PASID of guest tables; null for host tables alone.</param>
/// <param name="GuestAddress">With guest tables the byte's guest physical address, without host tables the same as
/// <paramref name="Address"/>; else zero.</param>
public readonly record struct IoMapping(
    DeviceAddress DeviceAddress, PhysicalAddress Address, int SizeShift, DmaRights Rights, ulong Value, int Level, uint? Pasid = null,
    GuestPhysicalAddress GuestAddress = default)
{
    /// <summary>Bytes.</summary>
    public ulong Size => 1UL << SizeShift;

    /// <summary>The value as a host (v1) entry.</summary>
    public IoPageTableEntry Entry => new(Value);

    /// <summary>The value as an entry of guest (v2) tables.</summary>
    public PagingEntry GuestEntry => new(Value);

    /// <summary>What is mapped where.</summary>
    /// <returns>Text such as <c>0x1000 to 0x5000, 2^12 bytes, Read, Write</c> or <c>pasid 5: 0x1000 to 0x5000, gpa 0x7000, 2^21 bytes,
    /// Read</c>.</returns>
    public override string ToString()
    {
        string pasid = Pasid is { } number ? string.Create(CultureInfo.InvariantCulture, $"pasid {number}: ") : string.Empty;
        string gpa = Pasid is null ? string.Empty : $", gpa {GuestAddress}";
        return string.Create(CultureInfo.InvariantCulture, $"{pasid}{DeviceAddress} to {Address}{gpa}, 2^{SizeShift} bytes, {Rights}");
    }
}
