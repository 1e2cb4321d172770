using System;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>In-use marks, and what VMRUN checks.</summary>
/// <remarks>The counter that the header's check looks at is raised before a mark is set and lowered after it is removed.</remarks>
internal static unsafe class InUseCalls
{
    /// <summary>frmp_mark_in_use.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_mark_in_use")]
    internal static int Mark(ulong table, ulong page)
    {
        try
        {
            int code = TablePage.Find(table, "page", page, out TableHandle found, out PhysicalAddress address);
            if (code != (int)ErrorCode.Ok) return code;
            found.CountMark();
            found.Table.MarkInUse(address);
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_unmark_in_use, which is #VMEXIT.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_unmark_in_use")]
    internal static int Unmark(ulong table, ulong page, uint* wasMarked)
    {
        try
        {
            if (wasMarked is null) return Refusals.Null("was_marked");
            *wasMarked = 0;
            int code = TablePage.Find(table, "page", page, out TableHandle found, out PhysicalAddress address);
            if (code != (int)ErrorCode.Ok) return code;
            if (!found.Table.TryUnmarkInUse(address)) return (int)ErrorCode.Ok;
            found.CountUnmark();
            *wasMarked = 1;
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_is_in_use.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_is_in_use")]
    internal static int IsInUse(ulong table, ulong page, uint* isInUse)
    {
        try
        {
            if (isInUse is null) return Refusals.Null("is_in_use");
            *isInUse = 0;
            int code = TablePage.Find(table, "page", page, out TableHandle found, out PhysicalAddress address);
            if (code == (int)ErrorCode.Ok) *isInUse = found.Table.IsInUse(address) ? 1U : 0;
            return code;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_vmrun_check.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_vmrun_check")]
    internal static int Check(ulong table, uint kind, ulong page, uint asid, ulong gpa, uint* result)
    {
        try
        {
            int code = Decode(table, kind, page, gpa, result, out TableHandle found, out PhysicalAddress address);
            if (code != (int)ErrorCode.Ok) return code;
            *result = (uint)RmpCheck.VmRun(found.Table, (VmRunPage)kind, address, asid, GuestPhysicalAddress.Create(gpa));
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_vmrun_enter.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_vmrun_enter")]
    internal static int Enter(ulong table, uint kind, ulong page, uint asid, ulong gpa, uint* result)
    {
        try
        {
            int code = Decode(table, kind, page, gpa, result, out TableHandle found, out PhysicalAddress address);
            if (code != (int)ErrorCode.Ok) return code;
            if (kind == (uint)VmRunPage.HostSaveArea) return Refusals.Value("kind", kind);
            found.CountMark();
            VmRunResult entered = RmpCheck.EnterVm(found.Table, (VmRunPage)kind, address, asid, GuestPhysicalAddress.Create(gpa));
            if (entered != VmRunResult.Ok) found.CountUnmark();
            *result = (uint)entered;
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    private static int Decode(
        ulong table, uint kind, ulong page, ulong gpa, uint* result, out TableHandle found, out PhysicalAddress address)
    {
        int code = TablePage.Find(table, "page", page, out found, out address);
        if (code != (int)ErrorCode.Ok) return code;
        if (result is null) return Refusals.Null("result");
        *result = (uint)VmRunResult.Invalid;
        if (kind > (uint)VmRunPage.HostSaveArea) return Refusals.Value("kind", kind);
        return gpa <= GuestPhysicalAddress.ValidMask ? (int)ErrorCode.Ok : Refusals.Address("gpa", gpa);
    }
}
