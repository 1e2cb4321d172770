using System.Globalization;

namespace FastRmp;

/// <summary>One entry that a walk, or a device's request, passed.</summary>
/// <param name="Stage">Which tables it stands in.</param>
/// <param name="Level">The level of its table: 1 to 5, of host (v1) tables 1 to 6.</param>
/// <param name="Address">Where it stands in system physical memory.</param>
/// <param name="Value">What it held when it was read.</param>
/// <param name="Gpa">Of an entry of a guest's or of GCR3 tables that other tables translate, its guest physical address; else
/// zero.</param>
public readonly record struct WalkStep(
    WalkStage Stage, int Level, PhysicalAddress Address, ulong Value, GuestPhysicalAddress Gpa = default)
{
    /// <summary>The value as an entry of long-mode paging or guest (v2) tables; of the GCR3 table, whose V and address stand where P and
    /// the address stand here.</summary>
    public PagingEntry Entry => new(Value);

    /// <summary>The value as a host (v1) entry of an IOMMU.</summary>
    public IoPageTableEntry IoEntry => new(Value);

    /// <summary>The level by its table's name; a level 6 of host (v1) tables has none.</summary>
    public PagingLevel PagingLevel => (PagingLevel)Level;

    /// <summary>Which entry was read, and what it held.</summary>
    /// <returns>Text such as <c>Host level 2 at 0x3000: 0x5067</c> or <c>Guest level 1 at 0x3000, gpa 0x7000: 0x5067</c>.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Stage} level {Level} at {Address}{(Gpa.Value == 0 ? string.Empty : $", gpa {Gpa}")}: 0x{Value:x}");
}
