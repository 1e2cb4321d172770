using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>What firmware finds in the machine: memory, cores, registers, IOMMUs (rmp 1.1, 1.6, 12.2, 13.2). Ranges are
/// inclusive.</summary>
public sealed record ReferencePlatform
{
    /// <summary>The memory map. Empty: whatever the RMP covers is memory, and nothing is tested against it.</summary>
    public IReadOnlyList<ReferenceRange> Dram { get; init; } = [];

    /// <summary>TSEG if it is enabled: HV_Fixed after INIT.</summary>
    public ReferenceRange? Tseg { get; init; }

    /// <summary>ASEG if it is enabled: HV_Fixed after INIT.</summary>
    public ReferenceRange? Aseg { get; init; }

    /// <summary>What the address check refuses besides the RMP: ASEG, TSEG, trusted-memory regions (rmp 13.2).</summary>
    public IReadOnlyList<ReferenceRange> Forbidden { get; init; } = [];

    /// <summary>What the IOMMUs write, in the order in which firmware meets it: event logs, completion stores, PPR logs (rmp 1.6 step
    /// 7).</summary>
    public IReadOnlyList<ReferenceRange> IommuBuffers { get; init; } = [];

    /// <summary>Whether every IOMMU is enabled and supports SNP.</summary>
    public bool IommuIsReady { get; init; } = true;

    /// <summary>Whether SYSCFG, HWCR and the cores' number are as INIT wants them, SNP_EN left out (rmp 12.2 test 5).</summary>
    public bool CoresAreConfigured { get; init; } = true;

    /// <summary>Whether RMP_BASE and RMP_END are the same on all cores.</summary>
    public bool BoundsAreEqual { get; init; } = true;

    /// <summary>RMP_BASE as the register has it, if it differs from the table's: with a C-bit, for example.</summary>
    public ulong? RawBase { get; init; }

    /// <summary>RMP_END as the register has it, if it differs from the table's.</summary>
    public ulong? RawEnd { get; init; }

    /// <summary>Whether VM_HSAVE_PA is 0 on every core.</summary>
    public bool SaveAreaIsClear { get; init; } = true;

    /// <summary>Whether this firmware wants a new table because another version made the one that is there.</summary>
    public bool WantsNewTable { get; init; }

    /// <summary>Whether firmware can clear SNP_EN (rmp 12.4 test 5).</summary>
    public bool SupportsX86Shutdown { get; init; } = true;

    /// <summary>Whether a core does not clear SNP_EN when it is told to (rmp 12.4 step 8).</summary>
    public bool FailsX86Shutdown { get; init; }

    /// <summary>The core complexes; each keeps its caches and so its own state of every ASID.</summary>
    public int CoreComplexes { get; init; } = 1;

    /// <summary>The highest ASID of a guest (CPUID Fn8000_001F ECX).</summary>
    public uint HighestAsid { get; init; } = 1006;

    /// <summary>How many sockets there are.</summary>
    public int Sockets { get; init; } = 1;

    /// <summary>Whether simultaneous multithreading is on.</summary>
    public bool HasSmt { get; init; } = true;

    /// <summary>The firmware's ABI version: major in bits 15:8, minor in bits 7:0.</summary>
    public int AbiVersion { get; init; } = 0x0137;

    /// <summary>The bit of an address that says that the page is encrypted.</summary>
    public int EncryptionBit { get; init; } = 51;

    /// <summary>How many address bits are memory: above them stand the ASID's bits of the bus (rmp 13.2).</summary>
    public int AddressBits { get; init; } = 46;
}
