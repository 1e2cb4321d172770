using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <content>The common case alone.</content>
public static partial class IommuWalker
{
    /// <summary>Translates a request if it is the common case, and leaves it else: for callers that go another way then, so that this one
    /// is short.</summary>
    /// <typeparam name="TMemory">The memory that holds device table and page tables.</typeparam>
    /// <typeparam name="TCheck">What is asked after the walk.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU.</param>
    /// <param name="device">Who makes the request.</param>
    /// <param name="address">The address in it.</param>
    /// <param name="isWrite">Whether it writes.</param>
    /// <param name="check">The check.</param>
    /// <param name="result">The outcome.</param>
    /// <returns>False if the other has to be asked: there is no outcome.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryTranslate<TMemory, TCheck>(
        scoped ref TMemory memory, in IommuState iommu, DeviceId device, DeviceAddress address, bool isWrite, scoped ref TCheck check,
        out IommuWalkResult result)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        ulong need = IommuRules.Need(isWrite);
        if (IsInterrupt(address) || !TryLookup(ref memory, iommu, device, out DeviceTableEntry entry, out _)
            || !IommuWalk<TMemory, TCheck, LeaveEntries<TMemory>, NoTrace>.IsCommon(iommu, entry, address.Value, need))
        {
            result = default;
            return false;
        }

        NoTrace trace = default;
        result = IommuWalk<TMemory, TCheck, LeaveEntries<TMemory>, NoTrace>.Walk(
            ref memory, iommu, entry.Word0, need, address.Value, isWrite, ref check, ref trace);
        return true;
    }
}
