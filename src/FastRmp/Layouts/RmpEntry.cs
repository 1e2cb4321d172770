using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>An entry of the Reverse Map Table as Zen 3 and Zen 4 keep it in memory: 16 bytes for each 4 KiB page.</summary>
/// <remarks><para>The low quadword decides and is published last; no 16-byte access is atomic. An entry says what it means only together
/// with the 2 MiB-aligned (base) entry of its region: a sub-entry of a 2 MiB page has the raw value 1, as a Reclaim page has.</para>
/// <para>The format is not architectural. On newer processors only RMPREAD discloses entries.</para></remarks>
[BitLayout(128, Source = "AMD SEV firmware, sev_rmp.h; AMD64 APM vol. 2, 15.36")]
[Reserved(112, 97)]
public readonly partial struct RmpEntry
{
    /// <summary>The ASID value that locks a base entry and owns nothing: all ones, 0x3FF.</summary>
    public const ushort LockAsid = (ushort)(AsidMask >> AsidShift);

    /// <summary>The ASID value in the entry of a VM save area that a running VCPU of an SNP guest uses, together with Lock = 1: 0x3FE. It
    /// owns nothing either.</summary>
    public const ushort InUseAsid = LockAsid - 1;

    /// <summary>The highest ASID that can own a page: 0x3FD.</summary>
    public const ushort MaxAsid = InUseAsid - 1;

    private const ulong InUseCompared = AssignedMask | ImmutableMask | AsidMask | LockMask;
    private const ulong InUsePattern = AssignedMask | LockMask | ((ulong)InUseAsid << AsidShift);

    /// <summary>The state of the page that the entry is of, by its attributes: of an entry as
    /// <see cref="ReverseMapTable{TGeometry}.Lookup(PhysicalAddress)"/> gives it, which for a part of a 2 MiB page is the base entry. Never
    /// Default, which pages without an entry have.</summary>
    /// <remarks>Source: AMD SEV firmware, sev_rmp.h. The tags in GPA[50:48] are those of Genoa; they may differ between firmware
    /// versions.</remarks>
    public PageState State => PageStates.Decode(this);

    /// <summary>The page is not the hypervisor's.</summary>
    [Bits(0)] public partial bool Assigned { get; init; }

    /// <summary>Size of the RMP page; meaningful in a base entry, 0 in sub-entries.</summary>
    [Bits(1)] public partial PageSize PageSize { get; init; }

    /// <summary>RMPUPDATE refuses to change the entry.</summary>
    [Bits(2)] public partial bool Immutable { get; init; }

    /// <summary>Base entry of a region that is not a 2 MiB page: how many of the other 511 entries are assigned.</summary>
    [Bits(11, 3)] public partial ushort SubpageCount { get; init; }

    /// <summary>Guest physical address of the page; the field in place is the byte address.</summary>
    [AddressBits(50, 12)] public partial GuestPhysicalAddress Gpa { get; init; }

    /// <summary>Owner: 0 the hypervisor or firmware, 1 to 0x3FD a guest. 0x3FE (<see cref="InUseAsid"/>) and 0x3FF (<see cref="LockAsid"/>)
    /// are marks and no owners.</summary>
    [Bits(60, 51)] public partial ushort Asid { get; init; }

    /// <summary>The page holds a VM save area.</summary>
    [Bits(61)] public partial bool Vmsa { get; init; }

    /// <summary>The guest validated the page (PVALIDATE).</summary>
    [Bits(62)] public partial bool Validated { get; init; }

    /// <summary>Locked by hardware or firmware.</summary>
    [Bits(63)] public partial bool Lock { get; init; }

    /// <summary>What VMPL0 may do.</summary>
    [Bits(71, 64)] public partial VmplPermissions Vmpl0Permissions { get; init; }

    /// <summary>What VMPL1 may do.</summary>
    [Bits(79, 72)] public partial VmplPermissions Vmpl1Permissions { get; init; }

    /// <summary>What VMPL2 may do.</summary>
    [Bits(87, 80)] public partial VmplPermissions Vmpl2Permissions { get; init; }

    /// <summary>What VMPL3 may do.</summary>
    [Bits(95, 88)] public partial VmplPermissions Vmpl3Permissions { get; init; }

    /// <summary>Memory key: 0 non-persistent, 1 persistent memory.</summary>
    [Bits(96)] public partial bool ImplicitKeySelect { get; init; }

    /// <summary>PCIe root port; unused on Genoa.</summary>
    [Bits(117, 113)] public partial byte RootPortId { get; init; }

    /// <summary>PCIe IDE stream; unused on Genoa.</summary>
    [Bits(125, 118)] public partial byte PcieIdeStreamId { get; init; }

    /// <summary>The page is being moved by firmware.</summary>
    [Bits(127, 126)] public partial byte PageMigration { get; init; }

    /// <summary>Whether the page is the VM save area of a running VCPU: Lock = 1 and 0x3FE for an ASID, in an assigned and mutable entry.
    /// Who owns the page is not in the entry.</summary>
    /// <remarks>Source: a raw pair that a kernel printed with RMPUPDATE's FAIL_INUSE (lkml, 2026-06-25). VMRUN writes the mark and
    /// #VMEXIT takes it back; an image of a host may hold some.</remarks>
    public bool IsInUseVmsa
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Low & InUseCompared) == InUsePattern;
    }

    /// <summary>The low quadword of an entry as VMRUN marks it.</summary>
    internal static ulong MarkedLow(ulong low) => (low & ~AsidMask) | InUsePattern;

    /// <summary>The low quadword of a marked entry as #VMEXIT restores it.</summary>
    internal static ulong RestoredLow(ulong low, uint asid) => (low & ~(LockMask | AsidMask)) | ((ulong)asid << AsidShift);

    /// <summary>What a VMPL may do.</summary>
    /// <param name="vmpl">0 to 3; of a larger number bits [1:0] count.</param>
    /// <returns>Its mask.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public VmplPermissions PermissionsOf(int vmpl) => (VmplPermissions)((High >> MaskShift(vmpl)) & Vmpl0PermissionsMask);

    /// <summary>A copy in which a VMPL has other permissions.</summary>
    /// <param name="vmpl">0 to 3; of a larger number bits [1:0] count.</param>
    /// <param name="permissions">The mask.</param>
    /// <returns>The copy.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RmpEntry WithPermissionsOf(int vmpl, VmplPermissions permissions) =>
        new(Low, (High & ~(Vmpl0PermissionsMask << MaskShift(vmpl))) | ((ulong)permissions << MaskShift(vmpl)));

    /// <summary>Where the mask of a VMPL begins in the high quadword: the four are adjacent.</summary>
    private static int MaskShift(int vmpl) => Vmpl0PermissionsShift + ((vmpl & 3) * (Vmpl1PermissionsShift - Vmpl0PermissionsShift));
}
