using System;

namespace FastRmp;

/// <summary>What a virtual machine privilege level (VMPL) may do with a page.</summary>
/// <remarks>AMD64 APM vol. 2, 15.36. Write without read is not a legal combination; bits [7:5] are reserved.</remarks>
[Flags]
public enum VmplPermissions : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>R: data reads.</summary>
    Read = 1,

    /// <summary>W: data writes.</summary>
    Write = 2,

    /// <summary>Xu: fetches at CPL 3.</summary>
    ExecuteUser = 4,

    /// <summary>Xs: fetches at CPL 0 to 2.</summary>
    ExecuteSupervisor = 8,

    /// <summary>SSS: supervisor shadow-stack accesses.</summary>
    SupervisorShadowStack = 16,

    /// <summary>Everything that is defined: bits [4:0].</summary>
    All = Read | Write | ExecuteUser | ExecuteSupervisor | SupervisorShadowStack,
}
