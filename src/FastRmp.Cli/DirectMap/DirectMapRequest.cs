using FastRmp.Cli.Map;
using FastRmp.Cli.Sources;

namespace FastRmp.Cli.DirectMap;

/// <summary>What the user wants to know about a direct map.</summary>
/// <param name="Image">The image.</param>
/// <param name="Cpu">The processor whose CR3 to follow; null for the first one, if there is no <paramref name="Cr3"/>.</param>
/// <param name="Cr3">The root to follow instead; null for a processor's.</param>
/// <param name="IsFiveLevel">Whether the user says that there are five levels.</param>
/// <param name="Base">Where the map begins; null to find it.</param>
/// <param name="EncryptionBit">Position of the C-bit in the tables; null to find it.</param>
/// <param name="Format">How to print.</param>
/// <param name="Rmp">Where the RMP is to compare with; null for where the image says, if it does.</param>
internal sealed record DirectMapRequest(
    ImageFiles Image, int? Cpu, ulong? Cr3, bool IsFiveLevel, VirtualAddress? Base, int? EncryptionBit, MapFormat Format, RmpRequest? Rmp);
