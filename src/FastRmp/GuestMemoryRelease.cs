using System.Globalization;

namespace FastRmp;

/// <summary>What giving a guest's pages back took.</summary>
/// <param name="Released">Pages released, in 4 KiB.</param>
/// <param name="Leaked">Pages that stay assigned because PSMASH or RMPUPDATE refused, in 4 KiB.</param>
/// <param name="Updates">RMPUPDATEs that released, of either size.</param>
/// <param name="Smashes">PSMASHs.</param>
public readonly record struct GuestMemoryRelease(long Released, long Leaked, long Updates, long Smashes)
{
    /// <summary>The outcome of the pages.</summary>
    /// <returns>Text such as <c>512 pages released, 0 leaked, by 1 RMPUPDATE and 0 PSMASH</c>.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Released} pages released, {Leaked} leaked, by {Updates} RMPUPDATE and {Smashes} PSMASH");
}
