namespace FastRmp.Tests.Support;

/// <summary>Short names for what tests write all the time; for <c>using static</c>.</summary>
internal static class Addresses
{
    /// <summary>A physical address.</summary>
    internal static PhysicalAddress At(ulong address) => PhysicalAddress.Create(address);

    /// <summary>A physical range by its start and its length in bytes.</summary>
    internal static PhysicalRange RangeAt(ulong start, ulong length) => new(At(start), length);
}
