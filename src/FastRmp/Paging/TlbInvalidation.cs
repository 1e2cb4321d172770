using System;
using System.Globalization;

namespace FastRmp.Paging;

/// <summary>Which translations are invalidated, in the registers of INVLPGB.</summary>
/// <param name="Rax">VA valid [0], PCID valid [1], ASID valid [2], global ones too [3], final translation only [4], nested translations
/// too [5], and the virtual address in [63:12]. What is not valid is not compared.</param>
/// <param name="Ecx">Pages after the first one [15:0]; their size is 2 MiB instead of 4 KiB if bit 31 is set.</param>
/// <param name="Edx">ASID [15:0], PCID [27:16].</param>
/// <remarks>
/// Source: AMD64 APM vol. 3, INVLPGB. A translation is held as one from a guest virtual or linear address to the system physical one. So
/// "final translation only" makes no difference, and "nested translations too" takes all of the guests that the ASID selects. A page that
/// overlaps the addresses is invalidated whole, whatever its size. The limits of a processor (InvlpgbCountMax, reserved bits) are the
/// caller's.
/// </remarks>
public readonly record struct TlbInvalidation(ulong Rax, uint Ecx = 0, uint Edx = 0)
{
    private const ulong AddressValid = 1;
    private const ulong PcidValid = 1 << 1;
    private const ulong AsidValid = 1 << 2;
    private const ulong GlobalToo = 1 << 3;
    private const ulong NestedToo = 1 << 5;
    private const int PcidShift = 16;
    private const uint PcidMask = 0xFFF;
    private const ulong MostPages = 1 << 16;
    private const uint LargeStride = 1U << 31;

    /// <summary>Everything: all ASIDs, global pages too.</summary>
    public static TlbInvalidation Everything => new(GlobalToo);

    /// <summary>Everything of an ASID, as TLB_CONTROL 3 of a VMCB, or a change of CR4.PGE there.</summary>
    /// <param name="asid">The ASID; 0 is the host.</param>
    /// <returns>The invalidation.</returns>
    public static TlbInvalidation OfAsid(ushort asid) => new(AsidValid | GlobalToo, 0, asid);

    /// <summary>All but the global pages of an ASID, as TLB_CONTROL 7.</summary>
    /// <inheritdoc cref="OfAsid"/>
    public static TlbInvalidation OfAsidButGlobal(ushort asid) => new(AsidValid, 0, asid);

    /// <summary>All but the global pages of an address space, as MOV CR3 without the no-flush bit.</summary>
    /// <param name="asid">The ASID; 0 is the host.</param>
    /// <param name="pcid">The PCID, below 4096.</param>
    /// <returns>The invalidation.</returns>
    public static TlbInvalidation OfPcid(ushort asid, ushort pcid) => new(AsidValid | PcidValid, 0, Registers(asid, pcid));

    /// <summary>A page in an address space, global or not: INVLPG.</summary>
    /// <param name="address">Any address in it.</param>
    /// <param name="asid">The ASID; 0 is the host.</param>
    /// <param name="pcid">The PCID, below 4096; global pages are in all.</param>
    /// <returns>The invalidation.</returns>
    public static TlbInvalidation OfPage(VirtualAddress address, ushort asid, ushort pcid) =>
        new(Page(address) | AsidValid | PcidValid | GlobalToo, 0, Registers(asid, pcid));

    /// <summary>A page in all address spaces of an ASID, global or not: INVLPGA.</summary>
    /// <param name="address">Any address in it.</param>
    /// <param name="asid">The ASID; 0 is the host.</param>
    /// <returns>The invalidation.</returns>
    public static TlbInvalidation OfPageOfAsid(VirtualAddress address, ushort asid) => new(Page(address) | AsidValid | GlobalToo, 0, asid);

    /// <summary>Pages of the host, in all address spaces, global or not.</summary>
    internal static TlbInvalidation OfHostPages(VirtualAddress first, ulong pages) =>
        pages <= MostPages ? new(Page(first) | AsidValid | GlobalToo, (uint)(pages - 1)) : OfAsid(0);

    internal bool HasAddress => (Rax & AddressValid) != 0;

    internal bool HasPcid => (Rax & PcidValid) != 0;

    internal bool HasAsid => (Rax & AsidValid) != 0;

    internal bool IncludesGlobal => (Rax & GlobalToo) != 0;

    internal bool IncludesNested => (Rax & NestedToo) != 0;

    internal uint Asid => (ushort)Edx;

    internal uint Pcid => (Edx >> PcidShift) & PcidMask;

    internal ulong First => Rax & ~PageSize.Size4K.OffsetMask();

    /// <summary>The last byte of the addresses; the highest address if they go beyond it.</summary>
    internal ulong Last
    {
        get
        {
            ulong bytes = ((ulong)(ushort)Ecx + 1) << ((Ecx & LargeStride) != 0 ? PageSize.Size2M : PageSize.Size4K).Shift();
            return First + (bytes - 1) < First ? ulong.MaxValue : First + (bytes - 1);
        }
    }

    /// <summary>Whether a translation is meant.</summary>
    /// <param name="asid">Its ASID.</param>
    /// <param name="pcid">Its PCID.</param>
    /// <param name="isGlobal">Whether it counts for all PCIDs.</param>
    /// <param name="isNested">Whether nested tables had a part in it.</param>
    /// <param name="first">Where its page, as the linear or guest's tables have it, begins.</param>
    /// <param name="size">That page's size.</param>
    internal bool Selects(uint asid, uint pcid, bool isGlobal, bool isNested, ulong first, PageSize size)
    {
        if (HasAsid && asid != Asid) return false;
        if (isNested && IncludesNested) return true;
        if (isGlobal ? !IncludesGlobal : HasPcid && pcid != Pcid) return false;
        return !HasAddress || (first <= Last && first + size.OffsetMask() >= First);
    }

    /// <summary>The registers.</summary>
    /// <returns>Text such as <c>RAX 0x7, ECX 0x0, EDX 0x10005</c>.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"RAX 0x{Rax:x}, ECX 0x{Ecx:x}, EDX 0x{Edx:x}");

    private static ulong Page(VirtualAddress address) => (address.Value & ~PageSize.Size4K.OffsetMask()) | AddressValid;

    private static uint Registers(ushort asid, ushort pcid)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pcid, PcidMask);
        return asid | ((uint)pcid << PcidShift);
    }
}
