using FastRmp.Paging;

namespace FastRmp.Qemu;

/// <summary>What a processor of the machine has beside the emulator's registers. Used by the thread that executes it.</summary>
internal sealed class GuestCore(int index)
{
    /// <summary>Its number.</summary>
    internal int Index => index;

    /// <summary>SYSCFG: memory encryption is on, as the BIOS leaves it.</summary>
    internal Syscfg Syscfg
    {
        get;
        set
        {
            field = value;
            WasSnpOn |= value.SnpEnabled;
        }
    } = new() { EncryptionEnabled = true };

    /// <summary>SYSCFG.SNP_EN.</summary>
    internal bool IsSnpOn => Syscfg.SnpEnabled;

    /// <summary>Whether it ever was: firmware can clear it.</summary>
    internal bool WasSnpOn { get; private set; }

    /// <summary>HWCR: SMM is locked, as the BIOS leaves it.</summary>
    internal ulong Hwcr { get; set; } = new Hwcr { SmmLocked = true }.Value;

    /// <summary>Whether WBINVD was executed since the last initialisation of SNP.</summary>
    internal bool WasFlushed { get; set; }

    /// <summary>RMPOPT's state. Each processor is a core of its own.</summary>
    internal RmpOptCore RmpOpt { get; } = new();

    /// <summary>The interrupt descriptor table; null until LIDT.</summary>
    internal InterruptTable? Interrupts { get; set; }

    /// <summary>What walks depend on, as of the last load of a control register; for callbacks that see no registers.</summary>
    internal GuestState State
    {
        get;
        set
        {
            field = value;
            Translations.Flush();
            IsTranslating = value.IsLongMode && value.Registers.Paging;
            Paging = IsTranslating ? value.Paging() : default;
        }
    }

    /// <summary>Whether that is long mode with paging.</summary>
    internal bool IsTranslating { get; private set; }

    /// <summary>The state of walks, if it is.</summary>
    internal PagingState Paging { get; private set; }

    /// <summary>Translations of pages that it stored to.</summary>
    internal TranslationCache Translations { get; } = new();

    /// <summary>Where its host goes on while a guest runs between VMRUN and #VMEXIT; null while the host runs. What a guest executes is
    /// not watched: its registers, tables and faults are not the host's.</summary>
    internal HostReturn? Host { get; set; }

    /// <summary>Whether something that the current block stores to may be forbidden, so that each of its stores is looked at.</summary>
    internal bool HasDoubt { get; set; }

    /// <summary>The store that is about to fault; null if there is none.</summary>
    internal GuardedStore? Guarded { get; set; }

    /// <summary>Stores that the RMP forbids.</summary>
    internal ViolationCounts Violations { get; } = new();

    /// <summary>RMPUPDATEs.</summary>
    internal InstructionCounts Updates { get; } = new();

    /// <summary>PSMASHes.</summary>
    internal InstructionCounts Smashes { get; } = new();

    /// <summary>RMPREADs.</summary>
    internal InstructionCounts Reads { get; } = new();

    /// <summary>RMPOPTs.</summary>
    internal InstructionCounts Optimizations { get; } = new();
}
