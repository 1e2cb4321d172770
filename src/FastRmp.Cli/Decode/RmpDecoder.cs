using System.Globalization;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Decode;

/// <summary>Prints an RMP entry field by field, with what a reader has to know about it.</summary>
internal sealed class RmpDecoder(Output output)
{
    private const VmplPermissions WithoutShadowStack = VmplPermissions.All & ~VmplPermissions.SupervisorShadowStack;

    /// <summary>Prints an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="hasHigh">Whether the high quadword was given.</param>
    /// <param name="top">The region's base entry, if it was given.</param>
    internal void Write(RmpEntry entry, bool hasHigh, RmpEntry? top)
    {
        if (top is { PageSize: PageSize.Size2M } large)
        {
            WritePiece(entry, hasHigh, large);
            return;
        }

        PageState state = entry.State;
        Line("state", state.Name());
        Line("meaning", Meaning(entry, state));
        Pattern(entry, hasHigh);
        if (top is null && MayBePiece(entry))
        {
            Line(
                "ambiguous",
                "without its base entry: this is a page of its own, or a sub-page of a 2M page; give the base entry with --base");
        }

        LowFields(entry);
        if (hasHigh) HighFields(entry);
        if (top is { } small) BaseNotes(small);
        Notes(entry, state);
    }

    /// <summary>A piece of a 2 MiB page: everything but Assigned is the base entry's.</summary>
    private void WritePiece(RmpEntry own, bool hasHigh, RmpEntry large)
    {
        RmpEntry attributes = large with { Assigned = own.Assigned };
        PageState state = attributes.State;
        Line("state", state.Name());
        Line("meaning", Meaning(attributes, state));
        Pattern(own, hasHigh);
        Line("part_of", "2M page; the fields below are those of its base entry, but Assigned is the page's own");
        LowFields(attributes);
        Line("own_low", Hex(own.Low));
        if (hasHigh) Line("own_high", Hex(own.High));
        if (!own.Assigned) Note("lost sub-page: its own entry is not assigned, as every entry of a 2M page must be");
        if (own.Low != RmpEntry.AssignedMask && own.Low != large.Low && own.Assigned)
        {
            Note("the rest of the page's own entry is to be ignored: firmware's PAGE_UNSMASH leaves old values there");
        }

        Notes(attributes, state);
    }

    private static string Meaning(RmpEntry entry, PageState state)
    {
        if (entry.IsInUseVmsa) return "VMSA page in use by a running VCPU; its owner is not in the entry";
        return entry.Asid == RmpEntry.LockAsid ? "none at rest: the fields are those of an update under way" : StateText.Meaning(state);
    }

    private void Pattern(RmpEntry entry, bool hasHigh)
    {
        if (ValuePattern.Of(entry.Low) is { } low) Line("looks_like", $"{low}; no entry, if it is that");
        if (hasHigh && ValuePattern.Of(entry.High) is { } high) Line("looks_like", $"the high quadword: {high}; no entry, if it is that");
    }

    private void LowFields(RmpEntry entry)
    {
        Bit("assigned", entry.Assigned);
        Line("page_size", entry.PageSize.ShortName());
        Bit("immutable", entry.Immutable);
        Line("subpage_count", Number(entry.SubpageCount));
        Line("gpa", Hex(entry.Gpa.Value));
        Line(
            "asid",
            entry.Asid is RmpEntry.InUseAsid or RmpEntry.LockAsid
                ? string.Create(CultureInfo.InvariantCulture, $"{entry.Asid}  0x{entry.Asid:x}: a mark, no guest")
                : Number(entry.Asid));
        Bit("vmsa", entry.Vmsa);
        Bit("validated", entry.Validated);
        Bit("lock", entry.Lock);
    }

    private void HighFields(RmpEntry entry)
    {
        for (int vmpl = 0; vmpl <= 3; vmpl++)
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"vmpl{vmpl}"), StateText.Permissions(entry.PermissionsOf(vmpl)));
        }

        Bit("implicit_key_select", entry.ImplicitKeySelect);
        Line("root_port_id", Number(entry.RootPortId));
        Line("pcie_ide_stream_id", Number(entry.PcieIdeStreamId));
        Line("page_migration", Number(entry.PageMigration));
        if (entry.PermissionsOf(0) == WithoutShadowStack)
        {
            Note("vmpl0: 0x0f is everything on a processor without supervisor shadow stacks (Milan); with them it is 0x1f");
        }

        if ((entry.High & RmpEntry.HighReservedMask) != 0) Note("reserved bits are set in the high quadword");
    }

    private void BaseNotes(RmpEntry top) => Note(string.Create(
        CultureInfo.InvariantCulture,
        $"the region is not a 2M page: each entry describes its own page; Subpage_Count says that {top.SubpageCount} of its 511 sub-pages are assigned"));

    private void Notes(RmpEntry entry, PageState state)
    {
        if (entry.Asid == RmpEntry.LockAsid)
        {
            Note("in transition: ASID 0x3ff is a lock of the base entry against changes of the count, no owner");
        }
        else if (entry.IsInUseVmsa)
        {
            Note(
                "in use: VMRUN set Lock and ASID 0x3fe, #VMEXIT puts the owner's ASID back; until then RMPUPDATE returns 3 FAIL_INUSE"
                + (entry.Vmsa ? string.Empty : "; but the page is not a VMSA"));
        }
        else if (entry.Asid == RmpEntry.InUseAsid)
        {
            Note("ASID 0x3fe marks a VMSA page in use, with Assigned and Lock and without Immutable; it is not an owner");
        }
        else if (entry.Lock && !entry.Immutable)
        {
            Note("in transition: locked by a processor that is changing it");
        }

        if (entry is { Assigned: true, Asid: 0 }) TagNote(entry, state);
        if (entry.Immutable) Note("immutable: RMPUPDATE returns 2 FAIL_PERMISSION");
        if (entry.PageSize == PageSize.Size2M && !entry.Assigned)
        {
            Note("a 2M page that is not assigned: no instruction leaves such an entry");
        }

        if (entry.PageSize == PageSize.Size2M && entry.SubpageCount != 0) Note("inconsistent: the count of a 2M page is 0");
        if (entry.PageSize == PageSize.Size4K && entry.SubpageCount != 0)
        {
            Note(
                string.Create(CultureInfo.InvariantCulture,
                $"base entry: {entry.SubpageCount} of the other 511 pages of the region are assigned; host writes through a 2M or 1G mapping of it fault. In any other entry the count is 0"));
        }
    }

    private void TagNote(RmpEntry entry, PageState state)
    {
        if (entry.Gpa == default || state is PageState.Reclaim) return;
        string name = entry.FirmwareTag switch
        {
            0 => "Firmware",
            1 => "Metadata",
            2 => "Firmware-IOMMU",
            _ => "unknown",
        };
        string about = state == PageState.Metadata
            ? $"the guest's context page {Hex(entry.FirmwareAddress.Value)}"
            : $"value {Hex(entry.FirmwareAddress.PageNumber)}";
        Note(
            string.Create(
                CultureInfo.InvariantCulture,
                $"the GPA field carries firmware's tag {entry.FirmwareTag} ({name}) and {about}; other firmware may tag differently"));
    }

    // Firmware's PAGE_UNSMASH may leave Validated, VMSA, GPA and count behind.
    private static bool MayBePiece(RmpEntry entry) =>
        entry is { Assigned: true, PageSize: PageSize.Size4K, Asid: 0, Immutable: false, Lock: false };

    private void Bit(string name, bool value) => Line(name, value ? "1" : "0");

    private void Note(string text) => Line("note", text);

    private void Line(string name, string value) => output.WriteLine($"{name}: {value}");

    private static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
