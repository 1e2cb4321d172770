using FastRmp.Addressing;
using FastRmp.Cli.Map;

namespace FastRmp.Cli.Dma;

/// <summary>What the user wants listed.</summary>
/// <param name="Image">The core; <c>-</c> for standard input.</param>
/// <param name="DeviceTable">Where the device table begins.</param>
/// <param name="Entries">How many entries it has.</param>
/// <param name="Device">The only device to list; null for all.</param>
/// <param name="Address">The only device address to list; null for all.</param>
/// <param name="Format">How to print.</param>
internal sealed record DmaRequest(string Image, PhysicalAddress DeviceTable, int Entries, DeviceId? Device, ulong? Address, MapFormat Format);
