using System.Globalization;

namespace FastRmp;

/// <summary>The control registers that paging depends on, as a processor has them, with names for the bits that matter to it.</summary>
/// <param name="Cr0">CR0.</param>
/// <param name="Cr3">CR3: where the top table is.</param>
/// <param name="Cr4">CR4.</param>
/// <param name="Efer">EFER, MSR C000_0080.</param>
/// <remarks>AMD64 APM vol. 2, 3.1. Any values; setting a bit by its name leaves the others alone.</remarks>
public readonly record struct ControlRegisters(ulong Cr0, Cr3 Cr3, ulong Cr4, ulong Efer)
{
    /// <summary>CR0.PG: paging.</summary>
    public bool Paging
    {
        get => new Cr0(Cr0).Paging;
        init => Cr0 = (new Cr0(Cr0) with { Paging = value }).Value;
    }

    /// <summary>CR0.WP: supervisor writes obey R/W = 0.</summary>
    public bool WriteProtect
    {
        get => new Cr0(Cr0).WriteProtect;
        init => Cr0 = (new Cr0(Cr0) with { WriteProtect = value }).Value;
    }

    /// <summary>CR4.PAE; 1 in long mode.</summary>
    public bool PhysicalAddressExtensions
    {
        get => new Cr4(Cr4).PhysicalAddressExtensions;
        init => Cr4 = (new Cr4(Cr4) with { PhysicalAddressExtensions = value }).Value;
    }

    /// <summary>CR4.LA57: five-level paging.</summary>
    public bool La57
    {
        get => new Cr4(Cr4).La57;
        init => Cr4 = (new Cr4(Cr4) with { La57 = value }).Value;
    }

    /// <summary>CR4.SMEP: supervisor fetches from user pages fault.</summary>
    public bool Smep
    {
        get => new Cr4(Cr4).Smep;
        init => Cr4 = (new Cr4(Cr4) with { Smep = value }).Value;
    }

    /// <summary>CR4.SMAP: supervisor data accesses to user pages fault unless allowed.</summary>
    public bool Smap
    {
        get => new Cr4(Cr4).Smap;
        init => Cr4 = (new Cr4(Cr4) with { Smap = value }).Value;
    }

    /// <summary>CR4.PKE: data accesses to user pages obey PKRU.</summary>
    public bool ProtectionKeys
    {
        get => new Cr4(Cr4).ProtectionKeys;
        init => Cr4 = (new Cr4(Cr4) with { ProtectionKeys = value }).Value;
    }

    /// <summary>CR4.CET: control-flow enforcement, and with it shadow-stack accesses; needs CR0.WP.</summary>
    public bool ControlFlowEnforcement
    {
        get => new Cr4(Cr4).ControlFlowEnforcement;
        init => Cr4 = (new Cr4(Cr4) with { ControlFlowEnforcement = value }).Value;
    }

    /// <summary>CR4.PKS: data accesses to supervisor pages obey PKRS; Intel only.</summary>
    public bool SupervisorProtectionKeys
    {
        get => new Cr4(Cr4).SupervisorProtectionKeys;
        init => Cr4 = (new Cr4(Cr4) with { SupervisorProtectionKeys = value }).Value;
    }

    /// <summary>EFER.NXE: the NX bit has a meaning.</summary>
    public bool NoExecuteEnable
    {
        get => new Efer(Efer).NoExecuteEnable;
        init => Efer = (new Efer(Efer) with { NoExecuteEnable = value }).Value;
    }

    /// <summary>The four values.</summary>
    /// <returns>Text such as <c>CR0 0x80050033, CR3 0x100868000, CR4 0x750ef0, EFER 0xd01</c>.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"CR0 0x{Cr0:x}, CR3 0x{Cr3.Value:x}, CR4 0x{Cr4:x}, EFER 0x{Efer:x}");
}
