using System;
using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>Many requests of one device at once.</summary>
/// <typeparam name="TMemory">The memory.</typeparam>
/// <typeparam name="TCheck">What is asked after the walk.</typeparam>
internal readonly struct IommuBatch<TMemory, TCheck> : IBatchWays<TMemory, KnownDevice, DeviceAddress, bool, TCheck, IommuWalkResult>
    where TMemory : struct, IPrefetchableMemory, allows ref struct
    where TCheck : struct, IWalkCheck, allows ref struct
{
    private const int MostAddresses = 32;

    public static int GroupSize => MostAddresses;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void OneByOne(
        scoped ref TMemory memory, in KnownDevice state, scoped ReadOnlySpan<DeviceAddress> addresses, bool access,
        scoped ref TCheck check, scoped Span<IommuWalkResult> results)
    {
        IommuState iommu = state.Iommu;
        DeviceTableEntry entry = state.Entry;
        for (int i = 0; i < addresses.Length; i++)
        {
            results[i] = IommuWalker.Translate(ref memory, iommu, entry, addresses[i], access, ref check);
        }
    }

    /// <summary>Follows the host (v1) tables as far as they lead: presence, level and address of an entry are looked at alone. Levels
    /// fall.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ReadAhead(
        scoped ref TMemory memory, in KnownDevice state, scoped ReadOnlySpan<DeviceAddress> addresses, bool access,
        scoped in TCheck check)
    {
        int mode = state.Entry.Mode;
        if (mode is 0 or > IoPageSize.TopLevel) return;
        Span<PhysicalAddress> next = stackalloc PhysicalAddress[MostAddresses];
        Span<byte> levels = stackalloc byte[MostAddresses];
        ulong addressMask = IoPageTableEntry.AddressMask & ~state.Iommu.EncryptionMask;
        ulong root = state.Entry.Word0 & DeviceTableEntry.RootMask & addressMask;
        for (int i = 0; i < addresses.Length; i++)
        {
            next[i] = EntryAddress(root, addresses[i], mode);
            levels[i] = (byte)mode;
        }

        for (int level = mode; level > 1; level--)
        {
            for (int i = 0; i < addresses.Length; i++)
            {
                if (levels[i] != level || !memory.TryRead(next[i], out ulong entry)) continue;
                int below = new IoPageTableEntry(entry).NextLevel;
                if ((entry & IoPageTableEntry.PresentMask) == 0 || below == 0 || below >= level) continue;
                next[i] = EntryAddress(entry & addressMask, addresses[i], below);
                levels[i] = (byte)below;
                memory.Prefetch(next[i]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PhysicalAddress EntryAddress(ulong table, DeviceAddress address, int level) =>
        LongModeTable.EntryAddress(PhysicalAddress.CreateUnchecked(table), new VirtualAddress(address.Value), (PagingLevel)level);
}
