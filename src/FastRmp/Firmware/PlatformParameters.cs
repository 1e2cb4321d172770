using System;

namespace FastRmp.Firmware;

/// <summary>The command buffer of SNP_INIT_EX, SNP_SHUTDOWN_EX and SNP_PAGE_SET_STATE, and the list of ranges that it points to.</summary>
/// <remarks>Addresses are as the host wrote them; the command tests them. A field that a command's buffer does not have is not looked at.
/// The default value keeps the RMP, asks for no shutdown but SNP's, and lists nothing.</remarks>
public readonly ref struct PlatformParameters
{
    /// <summary>The length that the command buffer of SNP_SHUTDOWN_EX has to have, in bytes.</summary>
    public const uint ShutdownExLength = 8;

    /// <summary>The length that the command buffer of SNP_PAGE_SET_STATE has to have, in bytes.</summary>
    public const uint PageSetStateLength = 16;

    /// <summary>Of SNP_SHUTDOWN_EX and SNP_PAGE_SET_STATE, the length of the command buffer in bytes; null for the one it has to
    /// have.</summary>
    public uint? Length { get; init; }

    /// <summary>Whether a reserved field of the buffer is not 0.</summary>
    public bool HasReservedBits { get; init; }

    /// <summary>INIT_RMP of SNP_INIT_EX: whether the RMP is built anew; if not, it is kept as it is.</summary>
    public bool InitRmp { get; init; }

    /// <summary>LIST_PADDR_EN of SNP_INIT_EX: whether there is a list of ranges to be HV_Fixed.</summary>
    public bool HasList { get; init; }

    /// <summary>LIST_PADDR of SNP_INIT_EX and SNP_PAGE_SET_STATE: address of the list: a header of 8 bytes and up to 255 ranges on the same
    /// page.</summary>
    public ulong ListAddress { get; init; }

    /// <summary>The ranges behind the header; if the header says that there are more, the rest is zeros.</summary>
    public ReadOnlySpan<PageRangeEntry> Ranges { get; init; }

    /// <summary>How many ranges the header says there are; null for the number of <see cref="Ranges"/>.</summary>
    public uint? RangeCount { get; init; }

    /// <summary>The reserved field of the header, must be 0.</summary>
    public uint ListReserved { get; init; }

    /// <summary>IOMMU_SNP_SHUTDOWN of SNP_SHUTDOWN_EX: the IOMMUs stop enforcing, their pages become Reclaim, the RMP counts as not
    /// initialised.</summary>
    public bool IommuShutdown { get; init; }

    /// <summary>X86_SNP_SHUTDOWN of SNP_SHUTDOWN_EX: SNP_EN is cleared; only together with <see cref="IommuShutdown"/>.</summary>
    public bool X86Shutdown { get; init; }
}
