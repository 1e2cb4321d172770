namespace FastRmp.Images;

/// <summary>What the registers in an image do not say about paging, and what a caller wants instead of what they say.</summary>
/// <remarks>Immutable; any threads may share it.</remarks>
public sealed record PagingOptions
{
    /// <summary>The root to follow instead of the registers' CR3; null for theirs.</summary>
    public Cr3? Root { get; init; }

    /// <summary>Whether there are five levels whatever CR4.LA57 says.</summary>
    public bool FiveLevels { get; init; }

    /// <summary>The processor: physical-address width, 1 GiB pages, reserved bits. Five levels need not be among its features: the image is
    /// what shows them.</summary>
    public ProcessorModel Processor { get; init; } = ProcessorModel.Genoa;

    /// <summary>PKRU; counts if CR4.PKE. Zero, which forbids nothing, unless set otherwise.</summary>
    public Pkru Pkru { get; init; }

    /// <summary>The C-bit and what it costs; null for what the kernel's notes say, where there are any, and else for none.</summary>
    public MemoryEncryption? Encryption { get; init; }

    /// <summary>Whether shadow stacks are on whatever CR4.CET says.</summary>
    public bool ShadowStacks { get; init; }
}
