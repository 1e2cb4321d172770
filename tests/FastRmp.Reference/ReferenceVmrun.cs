namespace FastRmp.Reference;

/// <summary>The pages that VMRUN looks at (rmp 7).</summary>
public sealed record ReferenceVmrun
{
    /// <summary>The VMCB.</summary>
    public ulong Vmcb { get; init; }

    /// <summary>The AVIC backing page, or null without AVIC.</summary>
    public ulong? AvicBacking { get; init; }

    /// <summary>The VM save area, or null of a guest without one.</summary>
    public ulong? Vmsa { get; init; }

    /// <summary>Whether the guest is an SNP guest; otherwise its VMSA is that of an SEV-ES guest.</summary>
    public bool IsSnpGuest { get; init; }

    /// <summary>The guest's ASID.</summary>
    public uint Asid { get; init; }

    /// <summary>The guest physical address of an SNP guest's VMSA.</summary>
    public ulong VmsaGpa { get; init; }
}
