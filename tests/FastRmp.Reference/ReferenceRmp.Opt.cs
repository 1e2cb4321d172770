using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>RMPOPT and the table of each core (rmp 8).</content>
public sealed partial class ReferenceRmp
{
    private const ulong OptRegionBytes = 1UL << 30;
    private const ulong OptWindowBytes = 1UL << 41;

    private readonly Dictionary<int, OptCore> _optCores = [];

    /// <summary>Writes RMPOPT_BASE of a core; its table starts empty.</summary>
    /// <param name="core">The core.</param>
    /// <param name="start">The first byte of its window of 2 TiB, a multiple of 1 GiB.</param>
    /// <param name="enabled">Bit 0.</param>
    public void SetRmpOptBase(int core, ulong start, bool enabled)
    {
        if (start % OptRegionBytes != 0) throw new ArgumentOutOfRangeException(nameof(start));
        _optCores[core] = new OptCore(start, enabled);
    }

    /// <summary>Executes RMPOPT.</summary>
    /// <param name="execution">The state of the processor.</param>
    /// <param name="core">Which core executes it.</param>
    /// <param name="spa">RAX; its low 30 bits are ignored.</param>
    /// <param name="verify">RCX: whether to scan the region first.</param>
    /// <returns>Fault or CF.</returns>
    public ReferenceOptResult RmpOpt(ReferenceExecution execution, int core, ulong spa, bool verify) =>
        RmpOpt(execution, core, spa, verify ? 0UL : 1UL);

    /// <summary>Executes RMPOPT by its registers.</summary>
    /// <param name="execution">The state of the processor.</param>
    /// <param name="core">Which core executes it.</param>
    /// <param name="spa">RAX.</param>
    /// <param name="function">RCX: 0 verifies and reports, anything else reports.</param>
    /// <returns>Fault or CF.</returns>
    public ReferenceOptResult RmpOpt(ReferenceExecution execution, int core, ulong spa, ulong function)
    {
        ArgumentNullException.ThrowIfNull(execution);
        bool exists = _processor.HasRmpOpt && execution.LongMode64 && execution.SnpEnabled && execution.CurrentAsid == 0;
        bool segmented = Geometry.IsSegmented || !_choices.RmpOptNeedsSegments;
        if (!exists || !segmented || !_optCores.TryGetValue(core, out OptCore? table) || !table.Enabled)
        {
            return new ReferenceOptResult(ReferenceFault.InvalidOpcode, CarryFlag: false);
        }

        if (execution.Cpl != 0) return new ReferenceOptResult(ReferenceFault.GeneralProtection, CarryFlag: false);
        bool malformed = (_choices.RmpOptFaultsOnLowBits && spa % OptRegionBytes != 0) || (_choices.RmpOptFaultsOnFunction && function > 1);
        bool outside = spa >= 1UL << 52 || spa < table.Start || spa - table.Start >= OptWindowBytes;
        if (malformed || (outside && _choices.RmpOptFaultsOutsideWindow))
        {
            return new ReferenceOptResult(ReferenceFault.GeneralProtection, CarryFlag: false);
        }

        if (outside) return new ReferenceOptResult(ReferenceFault.None, CarryFlag: false);

        ulong region = spa / OptRegionBytes * OptRegionBytes;
        if (function == 0)
        {
            if (IsNothingAssigned(region)) table.Optimised.Add(region);
            else table.Optimised.Remove(region);
        }

        return new ReferenceOptResult(ReferenceFault.None, table.Optimised.Contains(region));
    }

    /// <summary>The regions of 1 GiB whose bit is set on a core, in ascending order of their first bytes.</summary>
    /// <param name="core">The core.</param>
    /// <returns>A new list; empty for a core without RMPOPT_BASE.</returns>
    public IReadOnlyList<ulong> OptimisedRegions(int core)
    {
        List<ulong> regions = _optCores.TryGetValue(core, out OptCore? table) ? [.. table.Optimised] : [];
        regions.Sort();
        return regions;
    }

    /// <summary>Whether the bit of any region of 1 GiB is set on a core, and which ones, unsorted.</summary>
    /// <param name="core">The core.</param>
    /// <returns>The set itself, to be read only; null for a core without RMPOPT_BASE.</returns>
    public IReadOnlyCollection<ulong>? OptimisedSet(int core) => _optCores.TryGetValue(core, out OptCore? table) ? table.Optimised : null;

    private bool IsNothingAssigned(ulong start)
    {
        for (ulong region = start; region < start + OptRegionBytes; region += RegionBytes)
        {
            // What is not covered counts as unassigned.
            if (!Geometry.IsCovered(region) && _choices.RmpOptUncoveredIsAssigned) return false;
            if (Geometry.IsCovered(region) && !HostMayWrite(region, ReferencePageSize.Size2M)) return false;
        }

        return true;
    }

    private void DropOptimisation(ulong spa, bool assigns)
    {
        if (!assigns && !_choices.RmpOptClearedByRelease) return;
        foreach (OptCore core in _optCores.Values) core.Optimised.Remove(spa / OptRegionBytes * OptRegionBytes);
    }

    private void ForgetOptimisations()
    {
        foreach (OptCore core in _optCores.Values) core.Optimised.Clear();
    }

    private sealed class OptCore(ulong start, bool enabled)
    {
        public ulong Start => start;

        public bool Enabled => enabled;

        public HashSet<ulong> Optimised { get; } = [];
    }
}
