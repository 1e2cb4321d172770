namespace FastRmp.Reference;

/// <summary>One entry of the IOMMU's event log, four words (AMD-Vi 5).</summary>
/// <param name="Word0">Bytes 3:0.</param>
/// <param name="Word1">Bytes 7:4.</param>
/// <param name="Word2">Bytes 11:8.</param>
/// <param name="Word3">Bytes 15:12.</param>
public readonly record struct ReferenceIommuEvent(uint Word0, uint Word1, uint Word2, uint Word3)
{
    /// <summary>The event code, word 1 bits 31:28.</summary>
    public int Code => (int)(Word1 >> 28);

    /// <summary>The device, word 0 bits 15:0.</summary>
    public int DeviceId => (int)(Word0 % 0x1_0000);

    /// <summary>The PASID: its bits 19:16 from word 0, the rest from word 1.</summary>
    public uint Pasid => (((Word0 >> 16) % 16) << 16) + (Word1 % 0x1_0000);

    /// <summary>The domain of an IO_PAGE_FAULT, the vmg_tag of RMP events: word 1 bits 15:0.</summary>
    public uint Domain => Word1 % 0x1_0000;

    /// <summary>The flags, word 1 bits 27:16.</summary>
    public uint Flags => (Word1 >> 16) % 0x1000;

    /// <summary>The flags_rmp of an RMP_PAGE_FAULT, word 0 bits 23:16.</summary>
    public uint RmpFlags => (Word0 >> 16) % 0x100;

    /// <summary>Words 3 and 2.</summary>
    public ulong Address => ((ulong)Word3 << 32) + Word2;

    /// <summary>IO_PAGE_FAULT.</summary>
    /// <param name="deviceId">The device.</param>
    /// <param name="domain">Its domain.</param>
    /// <param name="iova">The address of the request.</param>
    /// <param name="flags">12 bits.</param>
    /// <returns>The event.</returns>
    public static ReferenceIommuEvent IoPageFault(int deviceId, int domain, ulong iova, uint flags) =>
        Make(0x2, (uint)deviceId, (uint)domain, flags, iova);

    /// <summary>IO_PAGE_FAULT or GUEST_EVENT_FAULT of v2 tables.</summary>
    /// <param name="code">The event code.</param>
    /// <param name="deviceId">The device.</param>
    /// <param name="pasid">20 bits.</param>
    /// <param name="iova">The address of the request.</param>
    /// <param name="flags">12 bits.</param>
    /// <returns>The event.</returns>
    public static ReferenceIommuEvent GuestFault(uint code, int deviceId, uint pasid, ulong iova, uint flags) =>
        WithPasid(Make(code, (uint)deviceId, 0, flags, iova), pasid);

    /// <summary>ILLEGAL_DEV_TABLE_ENTRY.</summary>
    /// <param name="deviceId">The device.</param>
    /// <param name="pasid">That of the request, 0 without.</param>
    /// <param name="address">The address of the request, of which bits 1:0 are lost (VirtualBox).</param>
    /// <param name="flags">12 bits.</param>
    /// <returns>The event.</returns>
    public static ReferenceIommuEvent IllegalDeviceTableEntry(int deviceId, uint pasid, ulong address, uint flags) =>
        WithPasid(Make(0x1, (uint)deviceId, 0, flags, address - (address % 4)), pasid);

    /// <summary>DEV_TAB_HARDWARE_ERROR.</summary>
    /// <param name="deviceId">The device.</param>
    /// <param name="spa">The address of the device table entry.</param>
    /// <param name="flags">12 bits.</param>
    /// <returns>The event.</returns>
    public static ReferenceIommuEvent DeviceTableHardwareError(int deviceId, ulong spa, uint flags) =>
        Make(0x3, (uint)deviceId, 0, flags, spa);

    /// <summary>PAGE_TAB_HARDWARE_ERROR.</summary>
    /// <param name="deviceId">The device.</param>
    /// <param name="spa">The address of the entry.</param>
    /// <param name="flags">12 bits.</param>
    /// <param name="pasid">That of a request that uses v2 tables, else 0.</param>
    /// <returns>The event.</returns>
    public static ReferenceIommuEvent PageTableHardwareError(int deviceId, ulong spa, uint flags, uint pasid = 0) =>
        WithPasid(Make(0x4, (uint)deviceId, 0, flags, spa), pasid);

    /// <summary>RMP_PAGE_FAULT of an untagged request.</summary>
    /// <param name="deviceId">The device.</param>
    /// <param name="gpa">The address of the request, as the device gave it.</param>
    /// <param name="flags">12 bits.</param>
    /// <param name="rmpFlags">8 bits.</param>
    /// <returns>The event.</returns>
    public static ReferenceIommuEvent RmpPageFault(int deviceId, ulong gpa, uint flags, uint rmpFlags = 0)
    {
        ReferenceIommuEvent made = Make(0xD, (uint)deviceId, 0, flags, gpa);
        return made with { Word0 = made.Word0 + (rmpFlags << 16) };
    }

    /// <summary>RMP_HARDWARE_ERROR of an untagged request.</summary>
    /// <param name="deviceId">The device.</param>
    /// <param name="spa">The address of the access to the table; the three low bits are lost.</param>
    /// <param name="flags">12 bits.</param>
    /// <returns>The event.</returns>
    public static ReferenceIommuEvent RmpHardwareError(int deviceId, ulong spa, uint flags) =>
        Make(0xE, (uint)deviceId, 0, flags, spa - (spa % 8));

    // PASID bits 19:16 stand in word 0, the rest in word 1 (AMD-Vi 5).
    private static ReferenceIommuEvent WithPasid(ReferenceIommuEvent e, uint pasid) =>
        e with { Word0 = e.Word0 + ((pasid >> 16) % 16 << 16), Word1 = e.Word1 + (pasid % 0x1_0000) };

    private static ReferenceIommuEvent Make(uint code, uint deviceId, uint low, uint flags, ulong address) =>
        new(deviceId % 0x1_0000, (code << 28) + (flags << 16) + low, (uint)(address % 0x1_0000_0000), (uint)(address >> 32));
}
