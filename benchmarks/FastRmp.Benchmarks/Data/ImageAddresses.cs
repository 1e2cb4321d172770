namespace FastRmp.Benchmarks.Data;

/// <summary>Virtual addresses of pages of 4 KiB in the direct map of <see cref="KernelSpace"/>.</summary>
internal static unsafe class ImageAddresses
{
    internal const int Count = 1024;

    private const ulong Start = KernelSpace.DirectMap + CoreFile.HighStart;
    private const ulong RandomBytes = 0x400_0000UL;

    /// <summary>Random pages of 64 MiB: their entries stay in the second-level cache.</summary>
    internal static RandomAddresses Random() => new(Count, Start, (int)(RandomBytes >> 12), 4096, seed: 11);

    /// <summary>One page after the other.</summary>
    internal static RandomAddresses Consecutive()
    {
        RandomAddresses addresses = Random();
        for (int i = 0; i < Count; i++)
        {
            addresses.Pointer[i] = Start + ((ulong)i * 4096);
        }

        return addresses;
    }
}
