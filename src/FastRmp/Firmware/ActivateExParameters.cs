namespace FastRmp.Firmware;

/// <summary>The parameters of SNP_ACTIVATE_EX.</summary>
public readonly record struct ActivateExParameters
{
    /// <summary>The guest's context page.</summary>
    public ulong GuestContext { get; init; }

    /// <summary>The ASID.</summary>
    public uint Asid { get; init; }

    /// <summary>The core complexes, a bit each, on which the guest shall run.</summary>
    public ushort CoreComplexes { get; init; }

    /// <summary>Whether the command buffer has another length than it has to have.</summary>
    public bool HasWrongLength { get; init; }
}
