namespace FastRmp.Qemu;

/// <summary>The registers of a processor that the plugin reads or writes.</summary>
internal enum GuestRegister
{
    /// <summary>RAX.</summary>
    Rax,

    /// <summary>RBX.</summary>
    Rbx,

    /// <summary>RCX.</summary>
    Rcx,

    /// <summary>RDX.</summary>
    Rdx,

    /// <summary>RSP.</summary>
    Rsp,

    /// <summary>RIP.</summary>
    Rip,

    /// <summary>RFLAGS, 32 bits.</summary>
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
}
