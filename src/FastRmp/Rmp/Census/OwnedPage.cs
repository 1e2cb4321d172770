using System.Globalization;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>A page of the RMP with its entry, from <see cref="ReverseMapTable{TGeometry}.PagesOf"/>. Immutable.</summary>
/// <param name="Page">The page's first byte.</param>
/// <param name="Size">4 KiB, or 2 MiB for a page of the RMP that is one.</param>
/// <param name="Entry">The entry as it is; for a VM save area in use the marked one (<see cref="RmpEntry.IsInUseVmsa"/>), with ASID
/// 0x3FE.</param>
public readonly record struct OwnedPage(PhysicalAddress Page, PageSize Size, RmpEntry Entry)
{
    internal static void RequireOwner(uint asid)
    {
        if (asid > RmpEntry.InUseAsid) Throw.AsidRange(nameof(asid), asid, RmpEntry.InUseAsid);
    }

    /// <summary>Page, size, and what the entry says of them.</summary>
    /// <returns>Text such as <c>0x200000 2M asid 5 gpa 0x40000000 validated</c>.</returns>
    public override string ToString()
    {
        string owner = Entry.IsInUseVmsa ? "in use" : string.Create(CultureInfo.InvariantCulture, $"asid {Entry.Asid}");
        string size = Size == PageSize.Size4K ? "4K" : "2M";
        string marks = (Entry.Validated ? " validated" : "") + (Entry.Vmsa ? " vmsa" : "");
        return string.Create(CultureInfo.InvariantCulture, $"0x{Page.Value:x} {size} {owner} gpa 0x{Entry.Gpa.Value:x}{marks}");
    }
}
