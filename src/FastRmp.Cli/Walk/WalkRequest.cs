using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Walk;

/// <summary>Which addresses of an image to walk, and how.</summary>
/// <param name="Image">The image.</param>
/// <param name="Addresses">The addresses: virtual ones, or those of a device.</param>
/// <param name="Access">What the access does.</param>
/// <param name="Cpu">The processor whose registers count; null for the first one, if there is no <paramref name="Cr3"/>.</param>
/// <param name="Cr3">The root to follow instead; null for a processor's.</param>
/// <param name="IsFiveLevel">Whether the user says that there are five levels.</param>
/// <param name="Processor">The processor's model.</param>
/// <param name="Width">The physical-address width that walks have instead of the model's; null if the user gives none.</param>
/// <param name="Pkru">PKRU, which no note of an image holds; null if the user gives none.</param>
/// <param name="EncryptionBit">Position of the C-bit in the tables; null if there is none.</param>
/// <param name="Nested">The nested tables, if the addresses are a guest's.</param>
/// <param name="Device">The device, if the addresses are a device's.</param>
/// <param name="Rmp">Where the RMP is, or how to find it; null if it is not asked.</param>
internal sealed record WalkRequest(
    ImageFiles Image,
    ulong[] Addresses,
    MemoryAccess Access,
    int? Cpu,
    ulong? Cr3,
    bool IsFiveLevel,
    ProcessorModel Processor,
    int? Width,
    ulong? Pkru,
    int? EncryptionBit,
    NestedRequest? Nested,
    DeviceRequest? Device,
    RmpRequest? Rmp)
{
    /// <summary>The processor as walks know it; the RMP is that of <see cref="Processor"/>.</summary>
    internal ProcessorModel Walker => Width is { } width ? Processor with { PhysicalAddressWidth = width } : Processor;
}
