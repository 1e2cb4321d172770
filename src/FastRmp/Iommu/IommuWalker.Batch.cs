using System;
using FastRmp.Internals;

namespace FastRmp.Iommu;

/// <content>Many requests at once.</content>
public static partial class IommuWalker
{
    /// <summary>Translates many requests of a device as one call of
    /// <see cref="Translate{TMemory}(ref TMemory,in IommuState,DeviceId,DeviceAddress,bool)"/> for each would, with their cache misses
    /// overlapped where the tables are not in the cache, which the batch measures by itself.</summary>
    /// <typeparam name="TMemory">The memory that holds device table and page tables.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU.</param>
    /// <param name="device">Who makes the requests.</param>
    /// <param name="addresses">The addresses in them; any number, also none.</param>
    /// <param name="isWrite">Whether they write.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses; what is behind the last one is left alone. It must not
    /// overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    /// <remarks>The device table entry is read once. Where misses are overlapped, entries of host (v1) tables are read ahead and then once
    /// more by the walk that they belong to, which alone decides the result: if others change the tables meanwhile, requests of one batch
    /// may see different moments, as requests one after the other do. Guest (v2) tables are not read ahead.</remarks>
    public static void Translate<TMemory>(
        scoped ref TMemory memory, in IommuState iommu, DeviceId device, ReadOnlySpan<DeviceAddress> addresses, bool isWrite,
        Span<IommuWalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
    {
        NoCheck check = default;
        Translate(ref memory, iommu, device, addresses, isWrite, ref check, results);
    }

    /// <summary>As
    /// <see cref="Translate{TMemory}(ref TMemory,in IommuState,DeviceId,ReadOnlySpan{DeviceAddress},bool,Span{IommuWalkResult})"/>, and
    /// asks a check whether each request may happen.</summary>
    /// <typeparam name="TMemory">The memory that holds device table and page tables.</typeparam>
    /// <typeparam name="TCheck">What is asked after the walk.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU.</param>
    /// <param name="device">Who makes the requests.</param>
    /// <param name="addresses">The addresses in them; any number, also none.</param>
    /// <param name="isWrite">Whether they write.</param>
    /// <param name="check">The check, asked as single requests one after the other ask it.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses; what is behind the last one is left alone. It must not
    /// overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    public static void Translate<TMemory, TCheck>(
        scoped ref TMemory memory, in IommuState iommu, DeviceId device, ReadOnlySpan<DeviceAddress> addresses, bool isWrite,
        scoped ref TCheck check, Span<IommuWalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        if (results.Length < addresses.Length) Throw.ResultsTooShort(nameof(results), results.Length, addresses.Length);
        if (TryLookup(ref memory, iommu, device, out DeviceTableEntry entry, out IommuWalkResult failure))
        {
            Translate(ref memory, iommu, entry, addresses, isWrite, ref check, results);
            return;
        }

        for (int i = 0; i < addresses.Length; i++)
        {
            results[i] = IsInterrupt(addresses[i]) ? IommuRules.Ended(IommuStatus.Interrupt) : failure;
        }
    }

    /// <summary>As the other, for callers that keep device table entries, as an IOMMU's cache does.</summary>
    /// <typeparam name="TMemory">The memory that holds the page tables.</typeparam>
    /// <typeparam name="TCheck">What is asked after the walk.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU; where its device table is does not matter.</param>
    /// <param name="entry">The device table entry of who makes the requests.</param>
    /// <param name="addresses">The addresses in them; any number, also none.</param>
    /// <param name="isWrite">Whether they write.</param>
    /// <param name="check">The check, asked as single requests one after the other ask it.</param>
    /// <param name="results">Receives the outcomes in the order of the addresses; what is behind the last one is left alone. It must not
    /// overlap the addresses.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>; nothing was
    /// written.</exception>
    public static void Translate<TMemory, TCheck>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry entry, ReadOnlySpan<DeviceAddress> addresses, bool isWrite,
        scoped ref TCheck check, Span<IommuWalkResult> results)
        where TMemory : struct, IPrefetchableMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        if (results.Length < addresses.Length) Throw.ResultsTooShort(nameof(results), results.Length, addresses.Length);
        PacedBatch<IommuBatch<TMemory, TCheck>, TMemory, KnownDevice, DeviceAddress, bool, TCheck, IommuWalkResult>.Run(
            ref memory, new KnownDevice(iommu, entry), addresses, isWrite, ref check, results, ref BatchPace.OfDeviceWalks);
    }
}
