using System.Runtime.CompilerServices;
using System.Threading;
using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <summary>One core's share of RMPOPT: for each 1 GiB region from RMPOPT_BASE on, up to 2 TiB, whether the core skips RMP checks there.</summary>
/// <remarks>Good for one table alone. To program RMPOPT_BASE anew, make another. The threads of a core share it: any threads may use it.</remarks>
public sealed class RmpOptCore
{
    /// <summary>Regions of 1 GiB that a core keeps track of: 2 TiB.</summary>
    public const int Regions = 2048;

    // A region is optimized while the stamp here is the one that the table's record shows: whoever clears all cores changes one word.
    private readonly ulong[] _stamps = new ulong[Regions];

    /// <summary>Makes the state of a core, with nothing optimized.</summary>
    /// <param name="register">RMPOPT_BASE.</param>
    public RmpOptCore(RmpOptBase register) => Register = register;

    /// <summary>RMPOPT_BASE, MSR C001_0139, as it was programmed.</summary>
    public RmpOptBase Register { get; }

    /// <summary>The slot of the region that holds an address.</summary>
    /// <returns>False if the core keeps none for it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryGetSlot(PhysicalAddress address, out uint slot)
    {
        ulong first = Register.Base.Value;
        ulong regions = (address.Value - first) >> PageSize.Size1G.Shift();
        slot = (uint)regions;
        return Register.Enabled && address.Value >= first && regions < Regions;
    }

    internal ulong Stamp(uint slot) => Volatile.Read(ref _stamps[slot]);

    internal void SetStamp(uint slot, ulong stamp) => Volatile.Write(ref _stamps[slot], stamp);
}
