using System.Runtime.CompilerServices;

namespace FastRmp.Qemu;

/// <summary>The machine's RAM as walks see it: below the hole under 4 GiB, and above it.</summary>
internal readonly struct GuestMemory(PinnedMemoryView low, PinnedMemoryView high) : IMutablePhysicalMemory
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(PhysicalAddress address, out ulong value) => low.TryRead(address, out value) || high.TryRead(address, out value);

    /// <inheritdoc/>
    public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior) =>
        low.TryCompareExchange(address, value, comparand, out prior) || high.TryCompareExchange(address, value, comparand, out prior);
}
