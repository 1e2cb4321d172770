using FastRmp.Addressing;

namespace FastRmp.Cli.Walk;

/// <summary>Whose requests to walk.</summary>
/// <param name="Device">The device.</param>
/// <param name="DeviceTable">Where the device table begins.</param>
internal sealed record DeviceRequest(DeviceId Device, PhysicalAddress DeviceTable);
