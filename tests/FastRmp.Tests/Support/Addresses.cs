namespace FastRmp.Tests.Support;

/// <summary>Short names for what tests write all the time; for <c>using static</c>.</summary>
internal static class Addresses
{
    /// <summary>A physical address.</summary>
    internal static PhysicalAddress At(ulong address) => PhysicalAddress.Create(address);
}
