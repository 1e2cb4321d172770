using System.Globalization;

namespace FastRmp.Images;

/// <summary>States and permissions in words.</summary>
internal static class StateText
{
    internal static string Meaning(PageState state) => state switch
    {
        PageState.Default => "not covered by the RMP",
        PageState.Hypervisor => "ordinary host memory",
        PageState.HvFixed => "host memory that can never be assigned",
        PageState.Firmware => "firmware may write it",
        PageState.FirmwareIommu => "written by an IOMMU",
        PageState.Reclaim => "firmware is done with it; the hypervisor may take it back with RMPUPDATE",
        PageState.Context => "a guest's context page",
        PageState.Metadata => "metadata of swapped pages",
        PageState.PreGuest => "firmware fills it for a guest",
        PageState.PreSwap => "a validated guest page handed to firmware",
        PageState.GuestInvalid => "assigned to a guest that has not validated it",
        PageState.GuestValid => "assigned to a guest that has validated it",
        _ => "none of the states that firmware knows; it refuses the page",
    };

    /// <summary>A mask as <c>0x1f R W Xu Xs SSS</c>.</summary>
    internal static string Permissions(VmplPermissions mask)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"0x{(byte)mask:x2}");
        if ((mask & VmplPermissions.Read) != 0) text += " R";
        if ((mask & VmplPermissions.Write) != 0) text += " W";
        if ((mask & VmplPermissions.ExecuteUser) != 0) text += " Xu";
        if ((mask & VmplPermissions.ExecuteSupervisor) != 0) text += " Xs";
        if ((mask & VmplPermissions.SupervisorShadowStack) != 0) text += " SSS";
        if ((mask & (VmplPermissions.Read | VmplPermissions.Write)) == VmplPermissions.Write)
        {
            text += " (write without read: no data access passes)";
        }

        const VmplPermissions Known = VmplPermissions.Read | VmplPermissions.Write | VmplPermissions.ExecuteUser
            | VmplPermissions.ExecuteSupervisor | VmplPermissions.SupervisorShadowStack;
        return (mask & ~Known) != 0 ? text + " (reserved bits set)" : text;
    }
}
