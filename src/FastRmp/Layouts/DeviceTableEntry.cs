namespace FastRmp;

/// <summary>An entry of AMD-Vi's device table: 32 bytes for each <see cref="DeviceId"/>, which say how the device's requests are
/// translated.</summary>
/// <remarks>A valid entry whose reserved bits are not zero is illegal; so is one that uses a feature which is absent or not enabled: see
/// <see cref="Iommu.IommuState.ReservedBits"/>. Hardware reads an entry as a whole, so change it while nothing uses it.</remarks>
[BitLayout(
    256, Source = "AMD I/O Virtualization Technology (IOMMU) Specification, device table entry; Linux drivers/iommu/amd/amd_iommu_types.h")]
[Reserved(6, 2)]
[Reserved(63)]
[Reserved(106)]
[Reserved(181, 180)]
[Reserved(187)]
[Reserved(245, 192)]
public readonly partial struct DeviceTableEntry
{
    /// <summary>V: the entry is valid; if clear the device's requests are passed on untranslated.</summary>
    [Bits(0)] public partial bool Valid { get; init; }

    /// <summary>TV: bits [127:2] are valid.</summary>
    [Bits(1)] public partial bool TranslationValid { get; init; }

    /// <summary>HAD: 1 sets Accessed in page-table entries, 3 Accessed and Dirty.</summary>
    [Bits(8, 7)] public partial byte HostAccessDirty { get; init; }

    /// <summary>Mode: 0 no host translation, 1 to 6 the number of levels, 7 reserved.</summary>
    [Bits(11, 9)] public partial byte Mode { get; init; }

    /// <summary>Address of the top table.</summary>
    [AddressBits(51, 12)] public partial PhysicalAddress Root { get; init; }

    /// <summary>PPR: peripheral page requests of the device are enabled.</summary>
    [Bits(52)] public partial bool PeripheralPageRequests { get; init; }

    /// <summary>GPRP: answers to peripheral page requests carry the PASID.</summary>
    [Bits(53)] public partial bool GuestPageResponsePasid { get; init; }

    /// <summary>GIOV: requests without PASID are translated as those of PASID 0.</summary>
    [Bits(54)] public partial bool GuestIoProtection { get; init; }

    /// <summary>GV: guest (v2) translation is valid.</summary>
    [Bits(55)] public partial bool GuestTranslationValid { get; init; }

    /// <summary>GLX: levels of the GCR3 table, less one; 3 is reserved.</summary>
    [Bits(57, 56)] public partial byte GuestLevels { get; init; }

    /// <summary>GCR3 root: number of the 4 KiB page that holds the GCR3 table.</summary>
    [Bits(127, 107)]
    [Bits(95, 80)]
    [Bits(60, 58)]
    public partial ulong GuestCr3Page { get; init; }

    /// <summary>IR: reads are permitted.</summary>
    [Bits(61)] public partial bool Readable { get; init; }

    /// <summary>IW: writes are permitted.</summary>
    [Bits(62)] public partial bool Writable { get; init; }

    /// <summary>DomainID: tags translations in the IOMMU's caches.</summary>
    [Bits(79, 64)] public partial ushort DomainId { get; init; }

    /// <summary>I: the device has an IOTLB (ATS) of its own.</summary>
    [Bits(96)] public partial bool IotlbEnabled { get; init; }

    /// <summary>SE: after one page-fault event further ones of the device are suppressed.</summary>
    [Bits(97)] public partial bool SuppressFurtherFaults { get; init; }

    /// <summary>SA: all page-fault events of the device are suppressed.</summary>
    [Bits(98)] public partial bool SuppressAllFaults { get; init; }

    /// <summary>IoCtl: what becomes of port I/O.</summary>
    [Bits(100, 99)] public partial byte PortControl { get; init; }

    /// <summary>Cache: a hint for the IOMMU's own translation cache.</summary>
    [Bits(101)] public partial bool CacheHint { get; init; }

    /// <summary>SD: snooping is disabled.</summary>
    [Bits(102)] public partial bool SnoopDisable { get; init; }

    /// <summary>EX: the exclusion range applies.</summary>
    [Bits(103)] public partial bool Exclusion { get; init; }

    /// <summary>SysMgt: what becomes of system-management messages.</summary>
    [Bits(105, 104)] public partial byte SystemManagement { get; init; }

    /// <summary>IV: the interrupt map is valid.</summary>
    [Bits(128)] public partial bool InterruptMapValid { get; init; }

    /// <summary>IntTabLen: binary logarithm of the interrupt table's entries.</summary>
    [Bits(132, 129)] public partial byte InterruptTableLength { get; init; }

    /// <summary>IG: unmapped interrupts are ignored, no event is logged.</summary>
    [Bits(133)] public partial bool IgnoreUnmappedInterrupts { get; init; }

    /// <summary>Address of the interrupt table.</summary>
    [AddressBits(179, 134)] public partial PhysicalAddress InterruptTable { get; init; }

    /// <summary>GuestPagingMode: guest (v2) tables have 4 (0) or 5 levels (1); 2 and 3 are invalid.</summary>
    [Bits(183, 182)] public partial byte GuestPagingMode { get; init; }

    /// <summary>InitPass: INIT passes unmapped.</summary>
    [Bits(184)] public partial bool InitPass { get; init; }

    /// <summary>EIntPass: ExtInt passes unmapped.</summary>
    [Bits(185)] public partial bool ExternalInterruptPass { get; init; }

    /// <summary>NMIPass: NMI passes unmapped.</summary>
    [Bits(186)] public partial bool NmiPass { get; init; }

    /// <summary>IntCtl: what becomes of fixed and arbitrated interrupts.</summary>
    [Bits(189, 188)] public partial byte InterruptControl { get; init; }

    /// <summary>Lint0Pass: LINT0 passes.</summary>
    [Bits(190)] public partial bool Lint0Pass { get; init; }

    /// <summary>Lint1Pass: LINT1 passes.</summary>
    [Bits(191)] public partial bool Lint1Pass { get; init; }

    /// <summary>AttrV: the attributes below are valid. No walk depends on them.</summary>
    [Bits(246)] public partial bool AttributesValid { get; init; }

    /// <summary>Mode0FC: force coherent, where nothing is translated.</summary>
    [Bits(247)] public partial bool Mode0ForceCoherent { get; init; }

    /// <summary>SnoopAttr.</summary>
    [Bits(255, 248)] public partial byte SnoopAttribute { get; init; }

    /// <summary>Address of the GCR3 table.</summary>
    public PhysicalAddress GuestCr3Table => PhysicalAddress.FromPageNumber(GuestCr3Page);
}
