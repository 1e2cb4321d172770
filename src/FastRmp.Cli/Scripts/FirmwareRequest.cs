using FastRmp.Addressing;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <summary>A command of firmware with its arguments; each command looks at its own.</summary>
/// <remarks>Mutable while a line is parsed: the fields come one after the other.</remarks>
internal struct FirmwareRequest
{
    /// <summary>What to do.</summary>
    internal FirmwareCommand Command;

    /// <summary>The page; of a move the source.</summary>
    internal PhysicalAddress Page;

    /// <summary>The destination of a move, or the guest context page.</summary>
    internal PhysicalAddress Other;

    /// <summary>Whether there is a guest context page.</summary>
    internal bool HasOther;

    /// <summary>Size of the page.</summary>
    internal PageSize Size;

    /// <summary>The ASID to activate.</summary>
    internal uint Asid;

    /// <summary>4 KiB pages whose state to set.</summary>
    internal ulong Pages;

    /// <summary>Whether the pages that IOMMUs write are given back.</summary>
    internal bool ReleasesIommuPages;

    /// <summary>What a launched page becomes.</summary>
    internal LaunchUpdateParameters Launch;

    /// <summary>What a swapped-in page becomes.</summary>
    internal MetadataEntry Sealed;

    /// <summary>What SNP_INIT is told.</summary>
    internal InitRanges? Init;
}
