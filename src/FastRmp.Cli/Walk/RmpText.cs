using System.Globalization;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Walk;

/// <summary>What the RMP says of a page, in a line.</summary>
/// <param name="rmp">The RMP; null to print nothing.</param>
/// <param name="vmpl">The VMPL whose permissions matter; null for none.</param>
internal sealed class RmpText(ImageRmp? rmp, int? vmpl)
{
    /// <summary>Prints the entry of a page.</summary>
    /// <param name="session">Where to.</param>
    /// <param name="label">What the line begins with.</param>
    /// <param name="address">Any address in the page.</param>
    internal void Line(Session session, string label, PhysicalAddress address)
    {
        if (rmp is not null) session.Output.WriteLine($"{label} {Text(rmp, address)}");
    }

    /// <summary>The entry of a page, in words.</summary>
    /// <param name="address">Any address in the page.</param>
    /// <returns>The text; empty if there is no RMP.</returns>
    internal string Of(PhysicalAddress address) => rmp is null ? string.Empty : Text(rmp, address);

    private string Text(ImageRmp table, PhysicalAddress address)
    {
        if (!table.TryLoad(address, out PhysicalAddress missing)) return $"at {EntryLine.Hex(missing.Value)}: not in the image";
        if (!table.Table.Geometry.TryGetEntryAddress(address, out PhysicalAddress at))
        {
            return $"covers no page at {EntryLine.Hex(address.Value)}: it is the hypervisor's";
        }

        RmpLookup lookup = table.Table.Lookup(address);
        PhysicalAddress region = address.AlignDown(PageSize.Size2M);
        _ = table.Table.TryReadRaw(address, out RmpEntry own);
        _ = table.Table.TryReadRaw(region, out RmpEntry top);
        RmpEntry attributes = lookup.Entry with { Assigned = lookup.IsAssigned };
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"at 0x{at.Value:x}: {own.Low:x16} {own.High:x16}  {attributes.State.Name()}, {lookup.Size.ShortName()}");
        if (lookup.Size == PageSize.Size2M && address.AlignDown(PageSize.Size4K) != region)
        {
            text += $", part of the page at {EntryLine.Hex(region.Value)}";
        }

        if (lookup.IsAssigned && attributes.Asid != 0) text += Owner(attributes);
        if (top is { PageSize: PageSize.Size4K, SubpageCount: not 0 })
        {
            text += string.Create(CultureInfo.InvariantCulture, $", {top.SubpageCount} sub-pages of its region assigned");
        }

        return text;
    }

    private string Owner(RmpEntry entry)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $", ASID {entry.Asid}, gPA 0x{entry.Gpa.Value:x}");
        return vmpl is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"{text}, VMPL{number} {StateText.Permissions(entry.PermissionsOf(number))}")
            : text;
    }
}
