using System;

namespace FastRmp;

/// <summary>What the host kernel does with RMPOPT: it programs a window over its memory, lets one core (the leader) verify all regions, and
/// then every core. Immutable.</summary>
/// <param name="Regions">Regions of 1 GiB in the window.</param>
/// <param name="OptimizedRegions">How many of them are optimized on the leader's core in the end.</param>
/// <param name="EntriesRead">RMP entries read, by the leader, and by other cores for regions that changed after it: 262,144 for a free
/// region, as few as one for a region whose first page is assigned.</param>
/// <param name="Instructions">RMPOPT instructions: each region once by the leader, and once on every core.</param>
/// <param name="Interrupts">Interrupts between processors: one to each core but the leader's.</param>
/// <remarks>Source: Linux 7.3-rc, arch/x86/virt/svm/sev.c. The kernel sweeps once after set-up and 10 seconds after the last guest has
/// ended; it does not look at the results.</remarks>
public readonly record struct RmpOptSweep(int Regions, int OptimizedRegions, ulong EntriesRead, ulong Instructions, int Interrupts)
{
    /// <summary>The part of memory that can be optimized: from its start, rounded down to 1 GiB, to its end, rounded up, but no more than 2
    /// TiB.</summary>
    /// <param name="memory">First to last byte of RAM.</param>
    /// <returns>The window; empty if there is no memory. Memory beyond it is never optimized.</returns>
    public static PhysicalRange WindowOf(PhysicalRange memory)
    {
        if (memory.Length == 0) return default;
        PhysicalAddress start = memory.Start.AlignDown(PageSize.Size1G);
        ulong end = (memory.End + PageSize.Size1G.OffsetMask()) & ~PageSize.Size1G.OffsetMask();
        return new PhysicalRange(start, ulong.Min(end - start.Value, (ulong)RmpOptCore.Regions << PageSize.Size1G.Shift()));
    }

    /// <summary>Programs RMPOPT_BASE of every core that is not enabled already.</summary>
    /// <param name="processor">The host, as it executes on each core.</param>
    /// <param name="cores">The cores; one thread of each writes the register.</param>
    /// <param name="window">See <see cref="WindowOf"/>.</param>
    /// <param name="model">The processor generation.</param>
    /// <param name="choices">The open points.</param>
    /// <returns>The first fault, if any.</returns>
    public static RmpFault Program(
        in ExecutionState processor, ReadOnlySpan<RmpOptCore> cores, PhysicalRange window, ProcessorModel model, ModelChoices choices)
    {
        ulong value = new RmpOptBase { Base = window.Start.AlignDown(PageSize.Size1G), Enabled = true }.Value;
        foreach (RmpOptCore core in cores)
        {
            if (core.IsEnabled) continue;
            RmpFault fault = core.WriteBase(processor, value, model, choices);
            if (fault != RmpFault.None) return fault;
        }

        return RmpFault.None;
    }

    /// <summary>Optimizes all regions that can be: the leader verifies every region, which scans the entries; then every core, the leader
    /// included, verifies all of them from the cached results.</summary>
    /// <typeparam name="TGeometry">Where the entries are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="processor">The host, as it executes on each core.</param>
    /// <param name="cores">The cores, the leader's first; none does nothing.</param>
    /// <param name="window">See <see cref="WindowOf"/>.</param>
    /// <returns>What it cost. A region in which another processor is assigning pages meanwhile may stay unoptimized.</returns>
    /// <remarks>Any threads may use the table meanwhile. O(entries of the window) at worst; allocates once for each 2 TiB of the
    /// table.</remarks>
    public static RmpOptSweep Run<TGeometry>(
        ReverseMapTable<TGeometry> table, in ExecutionState processor, ReadOnlySpan<RmpOptCore> cores, PhysicalRange window)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        if (cores.IsEmpty) return default;
        ulong start = window.Start.AlignDown(PageSize.Size1G).Value;
        ulong entries = 0;
        ulong instructions = 0;
        int regions = 0;
        int optimized = 0;
        for (ulong region = start; region < window.End; region += PageSize.Size1G.Bytes(), regions++, instructions++)
        {
            _ = table.RmpOpt(processor, cores[0], region, (ulong)RmpOptFunction.VerifyAndReport, out uint read);
            entries += read;
        }

        for (int i = 0; i < cores.Length; i++)
        {
            for (ulong region = start; region < window.End; region += PageSize.Size1G.Bytes(), instructions++)
            {
                RmpOptResult result = table.RmpOpt(processor, cores[i], region, (ulong)RmpOptFunction.VerifyAndReport, out uint read);
                entries += read;
                if (i == 0 && result.CarryFlag) optimized++;
            }
        }

        return new RmpOptSweep(regions, optimized, entries, instructions, cores.Length - 1);
    }
}
