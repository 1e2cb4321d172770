using FastRmp.Firmware;

namespace FastRmp.Judges.Firmware;

/// <summary>The state of consecutive ASIDs.</summary>
internal readonly record struct AsidRun(uint First, uint Last, AsidState State);
