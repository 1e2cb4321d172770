using System.Collections.Immutable;

namespace FastRmp.Firmware;

/// <summary>The machine as firmware finds it: memory map, registers, IOMMUs. What no command changes.</summary>
/// <remarks>The default value is an EPYC of the Genoa generation that is ready for SNP, with one core complex, and with DRAM everywhere.
/// Immutable; any threads may share it.</remarks>
public sealed record FirmwareMachine
{
    /// <summary>DRAM, as firmware's own memory map has it, in whole pages. Ranges count one by one: an RMP or a page that reaches over the
    /// end of one does not lie in DRAM. Empty: everything is DRAM, in one range.</summary>
    public ImmutableArray<PhysicalRange> Dram { get; init; } = [];

    /// <summary>TSEG; empty if it is not enabled. SNP_INIT makes it HV_Fixed.</summary>
    public PhysicalRange Tseg { get; init; }

    /// <summary>Whether firmware's address checks know TSEG, so that no command touches it and the RMP may not lie there.</summary>
    public bool ChecksTseg { get; init; } = true;

    /// <summary>Whether ASEG, 0xA_0000 to 0xB_FFFF, is enabled: SNP_INIT makes it HV_Fixed then. Commands never touch it.</summary>
    public bool IsAsegEnabled { get; init; }

    /// <summary>Trusted-memory regions and firmware's ring buffers: no command touches them.</summary>
    public ImmutableArray<PhysicalRange> Protected { get; init; } = [];

    /// <summary>Physical-address bits that are left with memory encryption on, at least 36; 46 on Genoa. The highest 12 GiB below are no
    /// memory.</summary>
    public int PhysicalAddressBits { get; init; } = 46;

    /// <summary>Position of the C-bit, which firmware strips from the address of every command.</summary>
    public int EncryptionBit { get; init; } = 51;

    /// <summary>How many core complexes (CCX) there are, 1 to 16.</summary>
    public int CoreComplexes { get; init; } = 1;

    /// <summary>How many sockets there are.</summary>
    public int Sockets { get; init; } = 1;

    /// <summary>Whether SMT is on.</summary>
    public bool IsSmtEnabled { get; init; } = true;

    /// <summary>Major version of the firmware ABI.</summary>
    public byte AbiMajor { get; init; } = 1;

    /// <summary>Minor version of the firmware ABI.</summary>
    public byte AbiMinor { get; init; } = 55;

    /// <summary>RMP_BASE as the MSR has it, if it is not where the table is; null: as the table's geometry.</summary>
    public ulong? RmpBase { get; init; }

    /// <summary>RMP_END as the MSR has it, if it is not where the table ends; null: as the table's geometry.</summary>
    public ulong? RmpEnd { get; init; }

    /// <summary>Whether RMP_BASE and RMP_END are the same on all cores.</summary>
    public bool AreRmpBoundsEqual { get; init; } = true;

    /// <summary>SYSCFG.MtrrFixDramModEn (MFDM) on all cores.</summary>
    public bool IsMfdmEnabled { get; init; } = true;

    /// <summary>SYSCFG.VMPLEn on all cores.</summary>
    public bool IsVmplEnabled { get; init; } = true;

    /// <summary>SYSCFG.MemEncryptionModEn on all cores.</summary>
    public bool IsMemoryEncryptionEnabled { get; init; } = true;

    /// <summary>HWCR.SmmLock on all cores.</summary>
    public bool IsSmmLocked { get; init; } = true;

    /// <summary>Whether VM_HSAVE_PA is 0 on all cores.</summary>
    public bool IsHostSaveAreaClear { get; init; } = true;

    /// <summary>Whether the RMP was made by firmware of another version (TCB), so that it cannot be kept.</summary>
    public bool IsTcbChanged { get; init; }

    /// <summary>Whether every IOMMU is enabled and supports SNP.</summary>
    public bool AreIommusReady { get; init; } = true;

    /// <summary>What IOMMUs write (event logs, completion-wait stores, PPR logs), in whole pages and in the order in which firmware meets
    /// them.</summary>
    public ImmutableArray<PhysicalRange> IommuBuffers { get; init; } = [];

    /// <summary>Whether SNP_SHUTDOWN_EX can clear SNP_EN.</summary>
    public bool SupportsX86Shutdown { get; init; } = true;

    /// <summary>Whether clearing SNP_EN fails on some core.</summary>
    public bool FailsX86Shutdown { get; init; }
}
