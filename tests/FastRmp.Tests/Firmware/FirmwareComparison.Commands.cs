using System;
using System.Collections.Generic;
using FastRmp.Firmware;
using FastRmp.Reference;

namespace FastRmp.Tests.Firmware;

/// <content>The commands, each with the quadwords of its buffer: any values.</content>
internal sealed partial class FirmwareComparison
{
    private const ulong PageMask = 0x7_FFFF_FFFF_F000;

    public bool Init(ReferenceInit command)
    {
        ReferenceRangeList list = command.List ?? new ReferenceRangeList();
        PageRangeEntry[] ranges = Ranges(list);
        PlatformParameters parameters = new()
        {
            InitRmp = command.InitRmp,
            HasList = command.List is not null,
            ListAddress = list.Address,
            Ranges = ranges,
            RangeCount = list.Count,
            ListReserved = list.HasReserved ? 1U : 0,
            HasReservedBits = command.HasReserved,
        };
        return Same(_reference.Init(command), Firmware.SnpInitEx(parameters));
    }

    public bool Shutdown() => Same(_reference.Shutdown(), Firmware.SnpShutdown());

    public bool Shutdown(bool iommu, bool x86, uint length = 8, bool hasReserved = false) => Same(
        _reference.Shutdown(iommu, x86, length, hasReserved),
        Firmware.SnpShutdownEx(
            new PlatformParameters { IommuShutdown = iommu, X86Shutdown = x86, Length = length, HasReservedBits = hasReserved }));

    public bool DfFlush() => Same(_reference.DfFlush(), Firmware.DfFlush());

    public void Wbinvd(int coreComplex)
    {
        _reference.Wbinvd(coreComplex);
        Firmware.Wbinvd(coreComplex);
    }

    public bool SevInit() => Same(_reference.SevInit(), Firmware.SevInit());

    public bool SevShutdown() => Same(_reference.SevShutdown(), Firmware.SevShutdown());

    public bool GctxCreate(ulong page)
    {
        _contexts.Add(page & PageMask);
        return Same(_reference.GctxCreate(page), Firmware.GctxCreate(page));
    }

    public bool Decommission(ulong context) => Same(_reference.Decommission(context), Firmware.Decommission(context));

    public bool Activate(ulong context, uint asid) => Same(_reference.Activate(context, asid), Firmware.Activate(context, asid));

    public bool ActivateEx(ulong context, uint asid, ushort coreComplexes, bool hasWrongLength = false) => Same(
        _reference.ActivateOn(context, asid, coreComplexes, hasWrongLength),
        Firmware.ActivateEx(context, asid, coreComplexes, hasWrongLength));

    public bool PlatformStatus(ulong address) => Same(_reference.PlatformStatus(address), Firmware.PlatformStatus(address));

    public bool FeatureInfo(ulong address) => Same(_reference.FeatureInfo(address), Firmware.FeatureInfo(address));

    public bool WriteLegacyBuffer(ulong address, uint length) =>
        Same(_reference.WriteLegacyBuffer(address, length), Firmware.WriteLegacyBuffer(address, length));

    public bool ReclaimRingPage(ulong address) => Same(_reference.ReclaimRingPage(address), Firmware.ReclaimRingPage(address));

    public bool LaunchStart(
        ulong context, ulong policy, bool hasAgent = false, ulong agent = 0, bool isImage = false, bool hasReserved = false) => Same(
        _reference.LaunchStart(context, policy, hasAgent, agent, isImage, hasReserved),
        Firmware.LaunchStart(new LaunchParameters
        {
            GuestContext = context,
            Policy = new GuestPolicy(policy),
            HasMigrationAgent = hasAgent,
            MigrationAgent = agent,
            IsMigrationImage = isImage,
            HasReservedBits = hasReserved,
        }));

    public bool LaunchUpdate(ulong context, ReferenceLaunchUpdate command) => Same(
        _reference.LaunchUpdate(context, command),
        Firmware.LaunchUpdate(new LaunchParameters
        {
            GuestContext = context,
            Page = command.Page,
            Size = SizeOf(command.Large),
            Type = (LaunchPageType)command.Type,
            IsMigrationImage = command.IsMigrationImage,
            Vmpl1Permissions = (VmplPermissions)command.Mask1,
            Vmpl2Permissions = (VmplPermissions)command.Mask2,
            Vmpl3Permissions = (VmplPermissions)command.Mask3,
            HasReservedBits = command.HasReserved,
        }));

    public bool LaunchFinish(ulong context, bool hasReserved = false) => Same(
        _reference.LaunchFinish(context, hasReserved),
        Firmware.LaunchFinish(new LaunchParameters { GuestContext = context, HasReservedBits = hasReserved }));

    public bool MdInit(ulong context, ulong page) => Same(_reference.MdInit(context, page), Firmware.MdInit(context, page));

    public bool SwapOut(ulong context, ReferenceSwap command)
    {
        if (!command.IsRoot && command.Entry % 64 == 0) _entries.Add(command.Entry & 0x7_FFFF_FFFF_FFFF);
        return Same(_reference.SwapOut(context, command), Firmware.SwapOut(new PageTransferParameters
        {
            GuestContext = context,
            Source = command.Source,
            Destination = command.Destination,
            Metadata = command.Entry,
            SoftwareData = command.Software,
            Size = SizeOf(command.Large),
            Type = (SwapPageType)command.Type,
            IsRoot = command.IsRoot,
            HasReservedBits = command.HasReserved,
        }));
    }

    public bool SwapIn(
        ulong context, ReferenceSwap command) => Same(_reference.SwapIn(context, command), Firmware.SwapIn(new PageTransferParameters
        {
            GuestContext = context,
            Source = command.Source,
            Destination = command.Destination,
            Metadata = command.Entry,
            Size = SizeOf(command.Large),
            Type = (SwapPageType)command.Type,
            IsInPlace = command.IsInPlace,
            IsRoot = command.IsRoot,
            HasReservedBits = command.HasReserved,
        }));

    public bool PageMove(ulong context, ulong source, ulong destination, PageSize size, bool hasReserved = false) => Same(
        _reference.PageMove(context, source, destination, size == PageSize.Size2M, hasReserved),
        Firmware.PageMove(
            new PageTransferParameters
            {
                GuestContext = context,
                Source = source,
                Destination = destination,
                Size = size,
                HasReservedBits = hasReserved,
            }));

    /// <summary>The address has bit 0 clear: that bit is the size.</summary>
    public bool PageReclaim(ulong page, PageSize size) =>
        Same(_reference.PageReclaim(page, size == PageSize.Size2M), Firmware.PageReclaim(page | (size == PageSize.Size2M ? 1UL : 0)));

    public bool PageUnsmash(ulong page) => Same(_reference.PageUnsmash(page), Firmware.PageUnsmash(page));

    public bool PageSetState(ReferenceRangeList list, uint length = 16, bool hasReserved = false)
    {
        PageRangeEntry[] ranges = Ranges(list);
        PlatformParameters parameters = new()
        {
            Length = length,
            ListAddress = list.Address,
            Ranges = ranges,
            RangeCount = list.Count,
            ListReserved = list.HasReserved ? 1U : 0,
            HasReservedBits = hasReserved,
        };
        return Same(_reference.PageSetState(list, length, hasReserved), Firmware.PageSetState(parameters));
    }

    /// <summary>Puts a metadata entry into memory, or changes one bit of what a guest's context says.</summary>
    public void Spoil(ulong entry, Func<ReferenceMetadata, ReferenceMetadata> change)
    {
        _entries.Add(entry);
        ReferenceMetadata content = change(_reference.MetadataAt(entry));
        _reference.SetMetadata(entry, content);
        Firmware.SetMetadata(At(entry), new MetadataEntry
        {
            SoftwareData = content.Software,
            Iv = content.Vector,
            IsValid = content.IsValid,
            IsValidated = content.Validated,
            IsVmsa = content.Vmsa,
            IsMetadata = content.IsMetadata,
            Size = SizeOf(content.Large),
            GuestPage = content.GpaPage,
            Permissions = content.High,
        });
    }

    private static PageSize SizeOf(bool large) => large ? PageSize.Size2M : PageSize.Size4K;

    private static PageRangeEntry[] Ranges(ReferenceRangeList list)
    {
        List<PageRangeEntry> ranges = [];
        foreach (ReferenceListEntry entry in list.Ranges)
        {
            ranges.Add(new PageRangeEntry(entry.Base, (uint)entry.Pages, (uint)entry.Reserved));
        }

        return [.. ranges];
    }
}
