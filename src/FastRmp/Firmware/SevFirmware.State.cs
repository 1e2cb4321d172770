using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace FastRmp.Firmware;

/// <content>What firmware keeps, to be read, set, saved and restored.</content>
public sealed partial class SevFirmware<TGeometry>
{
    /// <summary>What firmware keeps of the platform as a whole.</summary>
    public PlatformState Platform
    {
        get => _platform;
        set => _platform = value;
    }

    /// <summary>Whether firmware's own context exists, which the next initialisation asks. Only the ASIDs after an initialisation that
    /// fails depend on it.</summary>
    internal FirmwareContextState Context { get; set; }

    /// <summary>SYSCFG.SNP_EN, as firmware finds it on all cores; a shutdown may clear it. It is <see cref="PlatformState.IsSnpEnabled"/>
    /// of <see cref="Platform"/>.</summary>
    public bool IsSnpEnabled
    {
        get => _platform.IsSnpEnabled;
        set => _platform = _platform with { IsSnpEnabled = value };
    }

    /// <summary>The ranges that the last initialisation recorded as written by IOMMUs: a shutdown gives them back. Valid until the next
    /// command.</summary>
    public ReadOnlySpan<PhysicalRange> RecordedIommuPages => CollectionsMarshal.AsSpan(_iommuPages);

    /// <summary>Every guest context that firmware has written, or that was set.</summary>
    public IEnumerable<KeyValuePair<PhysicalAddress, GuestContext>> GuestContexts => _contents.Contexts();

    /// <summary>Every metadata entry that firmware has written, or that was set, without those inside guest contexts and those of
    /// zeros.</summary>
    public IEnumerable<KeyValuePair<PhysicalAddress, MetadataEntry>> MetadataEntries => _contents.MetadataEntries();

    /// <summary>Replaces the record of <see cref="RecordedIommuPages"/>.</summary>
    /// <param name="ranges">Whole pages.</param>
    public void RecordIommuPages(ReadOnlySpan<PhysicalRange> ranges)
    {
        _iommuPages.Clear();
        foreach (PhysicalRange range in ranges)
        {
            _iommuPages.Add(range);
        }
    }

    /// <summary>The state of an ASID.</summary>
    /// <param name="asid">The ASID.</param>
    /// <returns>Its state; the default value for 0 and above the processor's highest.</returns>
    public AsidState AsidStateOf(uint asid) => _asids.IsAsid(asid) ? _asids[asid] : default;

    /// <summary>Sets the state of an ASID.</summary>
    /// <param name="asid">The ASID.</param>
    /// <param name="state">The state.</param>
    /// <returns>False if there is no such ASID.</returns>
    public bool TrySetAsidState(uint asid, AsidState state)
    {
        if (!_asids.IsAsid(asid)) return false;
        _asids[asid] = state;
        return true;
    }

    /// <summary>What a page holds as a guest context, whatever the RMP says of the page.</summary>
    /// <param name="page">Any address in the page.</param>
    /// <param name="context">The content; the default value, zeros, if firmware never wrote it.</param>
    /// <returns>Whether it was written or set.</returns>
    public bool TryGetGuestContext(PhysicalAddress page, out GuestContext context) => _contents.TryGetContext(page.Value, out context);

    /// <summary>Sets what a page holds as a guest context; the RMP is not touched.</summary>
    /// <param name="page">Any address in the page.</param>
    /// <param name="context">The content.</param>
    public void SetGuestContext(PhysicalAddress page, in GuestContext context) => _contents.SetContext(page.Value, context);

    /// <summary>The content of an address as a metadata entry, whatever the RMP says of the page.</summary>
    /// <param name="entry">Any address in the 64 bytes.</param>
    /// <param name="content">The content; the default value, zeros, if firmware never wrote it.</param>
    /// <returns>Whether it was written or set.</returns>
    public bool TryGetMetadata(PhysicalAddress entry, out MetadataEntry content) => _contents.TryGetMetadata(entry.Value, out content);

    /// <summary>Sets the content of an address as a metadata entry; the RMP is not touched.</summary>
    /// <param name="entry">Any address in the 64 bytes.</param>
    /// <param name="content">The content.</param>
    public void SetMetadata(PhysicalAddress entry, in MetadataEntry content) => _contents.SetMetadata(entry.Value, content);
}
