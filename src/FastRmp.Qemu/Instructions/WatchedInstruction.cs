namespace FastRmp.Qemu;

/// <summary>The instructions that the plugin wants to see before they are executed.</summary>
internal enum WatchedInstruction
{
    /// <summary>None of them.</summary>
    None,

    /// <summary>RMPUPDATE.</summary>
    RmpUpdate,

    /// <summary>PSMASH.</summary>
    PSmash,

    /// <summary>RMPREAD.</summary>
    RmpRead,

    /// <summary>RMPOPT.</summary>
    RmpOpt,

    /// <summary>CPUID.</summary>
    Cpuid,

    /// <summary>RDMSR.</summary>
    ReadMsr,

    /// <summary>WRMSR.</summary>
    WriteMsr,

    /// <summary>MOV to a control register: what walks depend on changes.</summary>
    LoadControl,

    /// <summary>INVPCID: translations are flushed, perhaps all of them.</summary>
    FlushTranslations,

    /// <summary>INVLPG and INVLPGA: the translation of a page is flushed.</summary>
    FlushPage,

    /// <summary>WBINVD.</summary>
    FlushCaches,

    /// <summary>HLT and PAUSE: a processor waits.</summary>
    Wait,

    /// <summary>IN and OUT by DX.</summary>
    Port,

    /// <summary>VMRUN: from there on a guest runs.</summary>
    RunGuest,

    /// <summary>LIDT: its operand is where the handlers of faults are.</summary>
    LoadIdt,

    /// <summary>IRETQ: where the kernel has one is remembered.</summary>
    Return,

    /// <summary>Not an instruction of its own: the first one of the kernel's handler of #UD.</summary>
    UndefinedEntry,

    /// <summary>Not an instruction of its own: the first one of the kernel's handler of #PF.</summary>
    PageFaultEntry,
}
