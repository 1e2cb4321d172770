using System.Globalization;

namespace FastRmp;

/// <summary>The outcome of the host's RMPUPDATE function.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Page">The page.</param>
/// <param name="Instruction">What RMPUPDATE said; null if it was not executed.</param>
/// <param name="Retries">How many tries met contention before.</param>
public readonly record struct HostUpdate(HostUpdateStatus Status, PhysicalAddress Page, RmpResult? Instruction, long Retries)
{
    private const int NoMemory = -12;
    private const int NoDevice = -6;
    private const int BadAddress = -14;

    /// <summary>Whether the page has the state asked for.</summary>
    public bool IsDone => Status == HostUpdateStatus.Done;

    /// <summary>The error number that the kernel function returns: 0, -ENXIO, -ENOMEM or -EFAULT.</summary>
    public int ErrorNumber => Status switch
    {
        HostUpdateStatus.NotEnabled => NoDevice,
        HostUpdateStatus.SplitFailed => NoMemory,
        HostUpdateStatus.UpdateFailed or HostUpdateStatus.NotRam => BadAddress,
        _ => 0,
    };

    /// <summary>What the kernel would log; when done, that it is.</summary>
    /// <returns>One line of text, such as <c>RMPUPDATE of physical address 0x1000: done, 3 retries</c>.</returns>
    public override string ToString() => Status switch
    {
        HostUpdateStatus.NotEnabled => "SEV-SNP: not enabled",
        HostUpdateStatus.SplitFailed => $"SEV-SNP: failed to split physical address {Page} ({NoMemory})",
        HostUpdateStatus.NotRam => $"SEV-SNP: physical address {Page} is not RAM ({BadAddress})",
        HostUpdateStatus.UpdateFailed => $"SEV-SNP: RMPUPDATE failed for physical address {Page}: {Instruction}",
        _ => string.Create(CultureInfo.InvariantCulture, $"RMPUPDATE of physical address {Page}: done, {Retries} retries"),
    };
}
