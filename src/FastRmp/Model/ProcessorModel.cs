using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

namespace FastRmp;

/// <summary>What differs from one processor generation to the next, as one value.</summary>
/// <remarks>Start from a preset and change it with <c>with</c>. Immutable; any threads may share it.</remarks>
public sealed record ProcessorModel
{
    /// <summary>Zen 3, EPYC 7003: 48-bit physical addresses, four paging levels, ASIDs up to 509; neither RMPQUERY nor supervisor shadow
    /// stacks in VMPL masks.</summary>
    /// <remarks>CPUID Fn8000_001F of an EPYC 7313: EAX 0x0101_FD3F, EBX 0x4173, ECX 0x1FD.</remarks>
    public static ProcessorModel Milan { get; } = new()
    {
        Name = "milan",
        PhysicalAddressWidth = 48,
        EncryptionAddressReduction = 5,
        GpaMask = (1UL << 48) - 1,
        MaxAsid = 509,
        HasRmpQuery = false,
        FullVmpl0Permissions = VmplPermissions.All & ~VmplPermissions.SupervisorShadowStack,
        HasInUse2MErratum = true,
    };

    /// <summary>Zen 4, EPYC 9004: 52-bit physical addresses, five paging levels, ASIDs up to 1006.</summary>
    public static ProcessorModel Genoa { get; } = new()
    {
        Name = "genoa",
        PhysicalAddressWidth = 52,
        EncryptionAddressReduction = 6,
        GpaMask = (1UL << 52) - 1,
        MaxAsid = 1006,
        HasLa57 = true,
        HasInUse2MErratum = true,
    };

    /// <summary>Zen 5, EPYC 9005: as Genoa, with RMPREAD, segmented RMPs and writable in-use pages, without the erratum.</summary>
    public static ProcessorModel Turin { get; } = Genoa with
    {
        Name = "turin",
        HasInUse2MErratum = false,
        HasRmpRead = true,
        HasSegmentedRmp = true,
        HasHvInUseWrAllowed = true,
    };

    /// <summary>Zen 6: as Turin, with RMPOPT.</summary>
    public static ProcessorModel Venice { get; } = Turin with
    {
        Name = "venice",
        HasRmpOpt = true,
    };

    /// <summary>An Intel processor, for walks alone: no RMP, Intel's rule for I/D of a page fault, protection keys for supervisor pages,
    /// bit 8 of upper entries ignored.</summary>
    public static ProcessorModel Intel { get; } = new()
    {
        Name = "intel",
        PhysicalAddressWidth = 52,
        GpaMask = (1UL << 52) - 1,
        MaxAsid = 0,
        HasRmp = false,
        HasLa57 = true,
        HasPks = true,
        ReservesUpperBit8 = false,
        ReportsFetchWithSmepAlone = true,
    };

    /// <summary>The presets that have an RMP, oldest first.</summary>
    public static IReadOnlyList<ProcessorModel> Presets { get; } = [Milan, Genoa, Turin, Venice];

    /// <summary>The name of the preset, in lower case.</summary>
    public required string Name { get; init; }

    /// <summary>Physical-address width M in bits, 36 to 52 (CPUID Fn8000_0008 EAX[7:0]): address bits from M to 51 are reserved in paging
    /// entries.</summary>
    public required int PhysicalAddressWidth { get; init; }

    /// <summary>Whether there is an RMP (SEV-SNP). Without, the model is for walks alone: an RMP cannot be made for it.</summary>
    public bool HasRmp { get; init; } = true;

    /// <summary>What RMPUPDATE keeps of a guest physical address: 48 bits on Milan, 52 on Genoa.</summary>
    public required ulong GpaMask { get; init; }

    /// <summary>The highest ASID (CPUID Fn8000_001F ECX), at most 0x3FD: the field has 10 bits, 0x3FE marks a VM save area in use and 0x3FF
    /// is the lock value.</summary>
    public required uint MaxAsid { get; init; }

    /// <summary>The VMPL0 mask of a newly assigned page: everything, supervisor shadow stacks included if the processor supports them
    /// (CPUID Fn8000_001F EAX[7]).</summary>
    public VmplPermissions FullVmpl0Permissions { get; init; } = VmplPermissions.All;

    /// <summary>Whether PDPEs may map pages of 1 GiB (CPUID Fn8000_0001 EDX[26]); if not, PS is reserved there.</summary>
    public bool HasGigabytePages { get; init; } = true;

    /// <summary>Whether five-level paging (CR4.LA57) exists.</summary>
    public bool HasLa57 { get; init; }

    /// <summary>Whether bit 8 of a PML4E or PML5E must be zero: it must on AMD processors; Intel and QEMU ignore it.</summary>
    public bool ReservesUpperBit8 { get; init; } = true;

    /// <summary>Whether CR4.PKS exists: protection keys for supervisor pages. Intel only.</summary>
    public bool HasPks { get; init; }

    /// <summary>Whether a page fault's error code reports a fetch (I/D) also with CR4.SMEP alone, as on Intel; AMD requires
    /// EFER.NXE.</summary>
    public bool ReportsFetchWithSmepAlone { get; init; }

    /// <summary>Whether the RMPQUERY instruction exists (CPUID Fn8000_001F EAX[6]).</summary>
    public bool HasRmpQuery { get; init; } = true;

    /// <summary>Whether the RMPREAD instruction exists (CPUID Fn8000_001F EAX[21]).</summary>
    public bool HasRmpRead { get; init; }

    /// <summary>Whether the RMP may be segmented: RMP_CFG exists (CPUID Fn8000_001F EAX[23]).</summary>
    public bool HasSegmentedRmp { get; init; }

    /// <summary>Exponent of the smallest segment in bytes (CPUID Fn8000_0025 EAX[5:0]), 30 to 52; without a meaning unless
    /// <see cref="HasSegmentedRmp"/>.</summary>
    public int MinSegmentShift { get; init; } = 30;

    /// <summary>Exponent of the largest segment in bytes (CPUID Fn8000_0025 EAX[11:6]), 30 to 52; without a meaning unless
    /// <see cref="HasSegmentedRmp"/>.</summary>
    public int MaxSegmentShift { get; init; } = 52;

    /// <summary>How many segments there may be, at most 512: the number in CPUID Fn8000_0025 EBX[9:0] if EBX[10] makes it a hard limit,
    /// else 512. Without a meaning unless <see cref="HasSegmentedRmp"/>.</summary>
    public int MaxSegments { get; init; } = 512;

    /// <summary>Whether the number of segments is a hard limit (CPUID Fn8000_0025 EBX[10]). Then reserved bits in the segment table are
    /// #GP(0) when SNP_EN is set; else a reserved-bit page fault when the segment is used. Without a meaning unless
    /// <see cref="HasSegmentedRmp"/>.</summary>
    public bool HasHardSegmentLimit { get; init; }

    /// <summary>A copy with the segmented RMP that a processor's CPUID declares.</summary>
    /// <param name="sizes">Fn8000_0025 EAX.</param>
    /// <param name="limits">Fn8000_0025 EBX.</param>
    /// <param name="choices">Whether the exponents count bytes or megabytes:
    /// <see cref="ModelChoices.SegmentExponentsAreMegabytes"/>.</param>
    /// <returns>The copy.</returns>
    public ProcessorModel WithSegmentation(uint sizes, uint limits, ModelChoices choices)
    {
        ArgumentNullException.ThrowIfNull(choices);
        const int MegabyteShift = 20;
        SegmentedRmpFeatures exponents = new(sizes);
        SegmentedRmpLimits count = new(limits);
        int unit = choices.SegmentExponentsAreMegabytes ? MegabyteShift : 0;
        return this with
        {
            HasSegmentedRmp = true,
            MinSegmentShift = exponents.MinSegmentShift + unit,
            MaxSegmentShift = exponents.MaxSegmentShift + unit,
            HasHardSegmentLimit = count.IsHardLimit,
            MaxSegments = count.IsHardLimit ? Math.Min((int)count.CachedSegments, 512) : 512,
        };
    }

    /// <summary>CPUID Fn8000_001F EAX as far as the model has it: what software would find.</summary>
    public uint Features => HasRmp
        ? (uint)new SnpFeatures
        {
            Sev = true,
            SevEs = true,
            SevSnp = true,
            Vmpl = true,
            CacheCoherency = true,
            RmpQuery = HasRmpQuery,
            VmplShadowStack = (FullVmpl0Permissions & VmplPermissions.SupervisorShadowStack) != 0,
            RmpRead = HasRmpRead,
            SegmentedRmp = HasSegmentedRmp,
            HvInUseWrAllowed = HasHvInUseWrAllowed,
        }.Value
        : 0;

    /// <summary>A copy with the features that a processor's CPUID Fn8000_001F declares.</summary>
    /// <param name="features">EAX: whether there are an RMP, RMPQUERY, RMPREAD, a segmented RMP, supervisor shadow stacks in VMPL masks,
    /// and HvInUseWrAllowed. The other bits change nothing.</param>
    /// <param name="asids">ECX: the number of ASIDs; of more than 0x3FD an RMP entry can name no more.</param>
    /// <returns>The copy.</returns>
    public ProcessorModel WithFeatures(uint features, uint asids)
    {
        SnpFeatures declared = new(features);
        return this with
        {
            HasRmp = declared.SevSnp,
            HasRmpQuery = declared.RmpQuery,
            HasRmpRead = declared.RmpRead,
            HasSegmentedRmp = declared.SegmentedRmp,
            HasHvInUseWrAllowed = declared.HvInUseWrAllowed,
            FullVmpl0Permissions = declared.VmplShadowStack
                ? VmplPermissions.All
                : VmplPermissions.All & ~VmplPermissions.SupervisorShadowStack,
            MaxAsid = uint.Min(asids, RmpEntry.MaxAsid),
        };
    }

    /// <summary>Whether the RMPOPT instruction exists (CPUID Fn8000_0025 EDX[0]).</summary>
    public bool HasRmpOpt { get; init; }

    /// <summary>Whether the hypervisor may write its own pages while a running guest uses them (CPUID Fn8000_001F EAX[30]): VMCB, AVIC
    /// backing page, VMSA of an SEV-ES guest.</summary>
    public bool HasHvInUseWrAllowed { get; init; }

    /// <summary>Whether a 2 MiB-aligned page that is in use makes its whole region look so to writes through large mappings (Zen 3 and Zen
    /// 4).</summary>
    public bool HasInUse2MErratum { get; init; }

    /// <summary>By how many bits memory encryption narrows physical addresses when it is on (CPUID Fn8000_001F EBX[11:6]): 5 on an EPYC
    /// 7003, 6 on an EPYC 9004; 0 where there is none.</summary>
    /// <remarks><see cref="MemoryEncryption.AddressReduction"/> is what a walk goes by; this is what a preset would put there.</remarks>
    public int EncryptionAddressReduction { get; init; }

    /// <summary>Finds a preset.</summary>
    /// <param name="name">Its name, in any letter case: milan, genoa, turin, venice, or intel.</param>
    /// <param name="model">The preset, or null. That of intel is for walks alone: see <see cref="HasRmp"/>.</param>
    /// <returns>Whether there is one of that name.</returns>
    public static bool TryGetPreset([NotNullWhen(true)] string? name, [NotNullWhen(true)] out ProcessorModel? model)
    {
        foreach (ProcessorModel preset in Presets)
        {
            if (preset.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                model = preset;
                return true;
            }
        }

        model = Intel.Name.Equals(name, StringComparison.OrdinalIgnoreCase) ? Intel : null;
        return model is not null;
    }
}
