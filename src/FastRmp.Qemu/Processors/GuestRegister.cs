namespace FastRmp.Qemu;

/// <summary>The registers of a processor that the plugin reads or writes; the general ones first, in the order in which instructions number
/// them.</summary>
internal enum GuestRegister
{
    /// <summary>RAX.</summary>
    Rax,

    /// <summary>RCX.</summary>
    Rcx,

    /// <summary>RDX.</summary>
    Rdx,

    /// <summary>RBX.</summary>
    Rbx,

    /// <summary>RSP.</summary>
    Rsp,

    /// <summary>RBP.</summary>
    Rbp,

    /// <summary>RSI.</summary>
    Rsi,

    /// <summary>RDI.</summary>
    Rdi,

    /// <summary>R8.</summary>
    R8,

    /// <summary>R9.</summary>
    R9,

    /// <summary>R10.</summary>
    R10,

    /// <summary>R11.</summary>
    R11,

    /// <summary>R12.</summary>
    R12,

    /// <summary>R13.</summary>
    R13,

    /// <summary>R14.</summary>
    R14,

    /// <summary>R15.</summary>
    R15,

    /// <summary>RIP.</summary>
    Rip,

    /// <summary>RFLAGS, 32 bits. The arithmetic flags and DF read as 0, because the emulator keeps them elsewhere, and have to be
    /// written as 0: it would add them to the flags that it saves for ever after.</summary>
    RFlags,

    /// <summary>The selector in CS.</summary>
    Cs,

    /// <summary>The selector in SS.</summary>
    Ss,

    /// <summary>CR0.</summary>
    Cr0,

    /// <summary>CR2.</summary>
    Cr2,

    /// <summary>CR3.</summary>
    Cr3,

    /// <summary>CR4.</summary>
    Cr4,

    /// <summary>EFER.</summary>
    Efer,

    /// <summary>The base of FS.</summary>
    FsBase,

    /// <summary>The base of GS.</summary>
    GsBase,
}
