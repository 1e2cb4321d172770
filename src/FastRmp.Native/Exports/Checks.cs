using System;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>The RMP checks of accesses whose translation the caller knows.</summary>
internal static unsafe class Checks
{
    /// <summary>frmp_check_host.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_check_host")]
    internal static ulong Host(ulong table, uint kind, ulong address, uint mapping, uint isUser)
    {
        ReverseMapTable<RmpGeometry>? found = Slots.Table(table);
        if (found is null || kind > (uint)AccessKind.Fetch || mapping > (uint)PageSize.Size1G || isUser > 1
            || address > PhysicalAddress.ValidMask)
        {
            return Check.Refused(RefuseHost(found, table, kind, address, mapping, isUser));
        }

        PhysicalAddress physical = PhysicalAddress.CreateUnchecked(address);
        return RmpCheck.Host(found, (AccessKind)kind, physical, (PageSize)mapping, isUser != 0).Value;
    }

    /// <summary>frmp_check_host_array.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_check_host_array")]
    internal static int HostArray(ulong table, uint kind, uint mapping, uint isUser, ulong* addresses, ulong count, uint* codes)
    {
        TableHandle? found = Slots.Find<TableHandle>(table);
        if (found is null || kind > (uint)AccessKind.Fetch || mapping > (uint)PageSize.Size1G || isUser > 1)
        {
            return RefuseHost(found, table, kind, 0, mapping, isUser);
        }

        int code = Refusals.Array(count, "addresses", addresses, "codes", codes);
        if (code != (int)ErrorCode.Ok) return code;
        return found.CheckWrites(addresses, count, kind, (PageSize)mapping, isUser != 0, codes)
            ? (int)ErrorCode.Ok
            : Refusals.Address("addresses", ulong.MaxValue);
    }

    /// <summary>frmp_check_guest.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_check_guest")]
    internal static ulong Guest(ulong table, GuestAccessWords* access, GuestPage* page, ulong* exitInfo1)
    {
        TableHandle? found = Slots.Find<TableHandle>(table);
        if (found is null) return Word.Refused(Refusals.Handle(table));
        if (access is null || page is null || exitInfo1 is null) return Word.Refused(Refusals.Null("access, page or exitinfo1"));
        *exitInfo1 = 0;
        if (!access->TryDecode(out GuestAccess decoded)) return Word.Refused(Refusals.Value("access->kind", access->Kind));
        if (!page->TryDecode(out NestedPage where)) return Word.Refused(page->Refusal());
        GuestResult result = RmpCheck.Guest(found.Table, decoded, where);
        *exitInfo1 = result.ExitInfo1.Value;
        return Word.Of(result);
    }

    /// <summary>frmp_check_device.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_check_device")]
    internal static ulong Device(ulong table, uint kind, ulong address, uint mapping)
    {
        try
        {
            TableHandle? found = Slots.Find<TableHandle>(table);
            if (found is null || kind > (uint)AccessKind.Write || mapping > (uint)PageSize.Size1G
                || !PhysicalAddress.TryCreate(address, out PhysicalAddress physical))
            {
                return Check.Refused(RefuseHost(found, table, kind <= 1 ? kind : uint.MaxValue, address, mapping, 0));
            }

            return RmpCheck.Device(found.Table, (AccessKind)kind, physical, (PageSize)mapping) ? 0UL : 1;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Check.Refused(code);
        }
    }

    /// <summary>frmp_check_iommu_log.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_check_iommu_log")]
    internal static ulong IommuLog(ulong table, ulong address) => OfPage(table, address, isFirmware: false);

    /// <summary>frmp_check_firmware_buffer.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_check_firmware_buffer")]
    internal static ulong FirmwareBuffer(ulong table, ulong address) => OfPage(table, address, isFirmware: true);

    private static ulong OfPage(ulong table, ulong address, bool isFirmware)
    {
        try
        {
            int code = TablePage.Find(table, "address", address, out TableHandle found, out PhysicalAddress physical);
            if (code != (int)ErrorCode.Ok) return Check.Refused(code);
            bool passes = isFirmware ? RmpCheck.FirmwareBuffer(found.Table, physical) : RmpCheck.IommuLog(found.Table, physical);
            return passes ? 0UL : 1;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Check.Refused(code);
        }
    }

    private static int RefuseHost(object? found, ulong table, uint kind, ulong address, uint mapping, uint isUser)
    {
        if (found is null) return Refusals.Handle(table);
        if (kind > (uint)AccessKind.Fetch) return Refusals.Value("kind", kind);
        if (mapping > (uint)PageSize.Size1G) return Refusals.Value("mapping", mapping);
        return isUser > 1 ? Refusals.Value("is_user", isUser) : Refusals.Address("address", address);
    }
}
