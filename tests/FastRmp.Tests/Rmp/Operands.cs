namespace FastRmp.Tests.Rmp;

/// <summary>Operands of RMPUPDATE, put together by the byte offsets of the manual and not by the layout under test.</summary>
internal static class Operands
{
    public static RmpUpdateOperand Assign(ulong gpa, uint asid, PageSize size = PageSize.Size4K, bool immutable = false) =>
        Make(gpa, assigned: true, size == PageSize.Size2M, immutable, asid);

    public static RmpUpdateOperand Release(PageSize size = PageSize.Size4K) =>
        Make(0, assigned: false, size == PageSize.Size2M, immutable: false, asid: 0);

    /// <summary>
    /// +0 GPA, +8 Assigned, +9 Page_Size, +10 Immutable, +12 ASID; <paramref name="reserved"/> is or-ed into bytes 8 to 15.
    /// </summary>
    public static RmpUpdateOperand Make(ulong gpa, bool assigned, bool large, bool immutable, uint asid, ulong reserved = 0)
    {
        ulong high = (assigned ? 0x1UL : 0) | (large ? 0x100UL : 0) | (immutable ? 0x1_0000UL : 0) | ((ulong)asid << 32) | reserved;
        return new RmpUpdateOperand(gpa, high);
    }
}
