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
        try
        {
            TableHandle? found = HandleTable.Find<TableHandle>(table);
            if (found is null || kind > (uint)AccessKind.Fetch || mapping > (uint)PageSize.Size1G || isUser > 1
                || !PhysicalAddress.TryCreate(address, out PhysicalAddress physical))
            {
                return Check.Refused(RefuseHost(found, table, kind, address, mapping, isUser));
            }

            return RmpCheck.Host(found.Table, (AccessKind)kind, physical, (PageSize)mapping, isUser != 0).Value;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Check.Refused(code);
        }
    }

    /// <summary>frmp_check_host_array.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_check_host_array")]
    internal static int HostArray(ulong table, uint kind, uint mapping, uint isUser, ulong* addresses, ulong count, uint* codes)
    {
        try
        {
            TableHandle? found = HandleTable.Find<TableHandle>(table);
            if (found is null || kind > (uint)AccessKind.Fetch || mapping > (uint)PageSize.Size1G || isUser > 1)
            {
                return RefuseHost(found, table, kind, 0, mapping, isUser);
            }

            if (count == 0) return (int)ErrorCode.Ok;
            if (addresses is null || codes is null) return Refusals.Null(addresses is null ? "addresses" : "codes");
            if (count > int.MaxValue) return Refusals.Size("count", count, int.MaxValue);
            ReadOnlySpan<ulong> from = new(addresses, (int)count);
            Span<uint> to = new(codes, (int)count);
            for (int i = 0; i < from.Length; i++)
            {
                if (!PhysicalAddress.TryCreate(from[i], out PhysicalAddress physical)) return Refusals.Address("addresses", from[i]);
                to[i] = (uint)RmpCheck.Host(found.Table, (AccessKind)kind, physical, (PageSize)mapping, isUser != 0).Value;
            }

            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_check_guest.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_check_guest")]
    internal static ulong Guest(ulong table, GuestAccessWords* access, GuestPage* page, ulong* exitInfo1)
    {
        try
        {
            TableHandle? found = HandleTable.Find<TableHandle>(table);
            if (found is null) return Word.Refused(Refusals.Handle(table));
            if (access is null || page is null || exitInfo1 is null) return Word.Refused(Refusals.Null("access, page or exitinfo1"));
            *exitInfo1 = 0;
            if (!access->TryDecode(out GuestAccess decoded)) return Word.Refused(Refusals.Value("access->kind", access->Kind));
            int code = page->Decode(out NestedPage where);
            if (code != (int)ErrorCode.Ok) return Word.Refused(code);
            GuestResult result = RmpCheck.Guest(found.Table, decoded, where);
            *exitInfo1 = result.ExitInfo1.Value;
            return Word.Of(result);
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Word.Refused(code);
        }
    }

    /// <summary>frmp_check_device.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_check_device")]
    internal static ulong Device(ulong table, uint kind, ulong address, uint mapping)
    {
        try
        {
            TableHandle? found = HandleTable.Find<TableHandle>(table);
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
    internal static ulong IommuLog(ulong table, ulong address)
    {
        try
        {
            TableHandle? found = HandleTable.Find<TableHandle>(table);
            if (found is null || !PhysicalAddress.TryCreate(address, out PhysicalAddress physical))
            {
                return Check.Refused(RefuseHost(found, table, 0, address, 0, 0));
            }

            return RmpCheck.IommuLog(found.Table, physical) ? 0UL : 1;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Check.Refused(code);
        }
    }

    /// <summary>frmp_check_firmware_buffer.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_check_firmware_buffer")]
    internal static ulong FirmwareBuffer(ulong table, ulong address)
    {
        try
        {
            TableHandle? found = HandleTable.Find<TableHandle>(table);
            if (found is null || !PhysicalAddress.TryCreate(address, out PhysicalAddress physical))
            {
                return Check.Refused(RefuseHost(found, table, 0, address, 0, 0));
            }

            return RmpCheck.FirmwareBuffer(found.Table, physical) ? 0UL : 1;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Check.Refused(code);
        }
    }

    private static int RefuseHost(TableHandle? found, ulong table, uint kind, ulong address, uint mapping, uint isUser)
    {
        if (found is null) return Refusals.Handle(table);
        if (kind > (uint)AccessKind.Fetch) return Refusals.Value("kind", kind);
        if (mapping > (uint)PageSize.Size1G) return Refusals.Value("mapping", mapping);
        return isUser > 1 ? Refusals.Value("is_user", isUser) : Refusals.Address("address", address);
    }
}
