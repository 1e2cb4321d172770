using System;

namespace FastRmp.Images;

/// <summary>An RMP trace prepared for replay: the host's RAM and processor. It does not depend on the policy.</summary>
/// <remarks>Immutable; any threads may replay it at the same time.</remarks>
public sealed class RmpReplayPlan
{
    private readonly PhysicalRange[] _ram;

    private RmpReplayPlan(RmpTrace trace, PhysicalRange[] ram)
    {
        Trace = trace;
        _ram = ram;
        Processor = trace.Processor ?? ProcessorModel.Genoa;
        Guests = trace.Updates.CountGuests(Processor.MaxAsid);
    }

    /// <summary>The trace.</summary>
    public RmpTrace Trace { get; }

    /// <summary>The processor: the trace's, or a Genoa.</summary>
    public ProcessorModel Processor { get; }

    /// <summary>How many guests there are: ASIDs other than 0 in RMPUPDATEs.</summary>
    public int Guests { get; }

    /// <summary>The RAM in whole 4 KiB pages, in order of address.</summary>
    public ReadOnlySpan<PhysicalRange> Ram => _ram;

    /// <summary>All RAM in bytes.</summary>
    public ulong RamBytes => ReplayHost.Bytes(_ram);

    /// <summary>Prepares a trace for a machine with the RAM of a listing.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="systemRam">The RAM in order of address, not overlapping. Ranges that touch are one; of what is left, parts of pages do
    /// not count.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MalformedInputException">There is no whole page of RAM.</exception>
    public static RmpReplayPlan Create(RmpTrace trace, ReadOnlySpan<PhysicalRange> systemRam)
    {
        ArgumentNullException.ThrowIfNull(trace);
        return new RmpReplayPlan(trace, ReplayHost.WholePages(systemRam, trace.Name));
    }

    /// <summary>Prepares a trace for the machine whose RAM it states; if it does not, for one whose RAM reaches from 0 to the highest page
    /// of the trace, rounded up to 2 MiB.</summary>
    /// <param name="trace">The trace.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MalformedInputException">The trace states RAM without a whole page, or ranges that overlap.</exception>
    public static RmpReplayPlan Create(RmpTrace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        if (trace.Ram.IsEmpty)
        {
            ulong mask = PageSize.Size2M.OffsetMask();
            ulong end = Math.Max(trace.End, 1);
            return Create(trace, [new PhysicalRange(default, Math.Min((end + mask) & ~mask, PhysicalAddress.ValidMask & ~mask))]);
        }

        PhysicalRange[] ram = trace.Ram.ToArray();
        Array.Sort(ram, static (left, right) => left.Start.CompareTo(right.Start));
        for (int i = 1; i < ram.Length; i++)
        {
            if (ram[i].Start.Value < ram[i - 1].End)
            {
                throw new MalformedInputException(InputProblem.InFile(trace.Name, $"ranges of RAM overlap at {ram[i].Start}"));
            }
        }

        return Create(trace, ram);
    }
}
