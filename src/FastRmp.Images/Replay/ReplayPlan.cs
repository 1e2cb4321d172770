using System;
using System.Collections.Generic;
using FastRmp.DirectMap;

namespace FastRmp.Images;

/// <summary>A trace prepared for replay: the host's RAM, and the ASID of each task that is a guest. It does not depend on the
/// policy.</summary>
/// <remarks>Immutable; any threads may replay it at the same time. Valid while its trace is.</remarks>
public sealed class ReplayPlan
{
    private readonly PhysicalRange[] _ram;
    private readonly uint[] _asids;

    private ReplayPlan(PageTrace trace, PhysicalRange[] ram, ReplayOptions options)
    {
        Trace = trace;
        Options = options;
        _ram = ram;
        _asids = new uint[trace.Tasks.Length];
    }

    /// <summary>The trace.</summary>
    public PageTrace Trace { get; }

    /// <summary>Which tasks are guests, and the configuration of the host.</summary>
    public ReplayOptions Options { get; }

    /// <summary>How many guests there are: tasks that match the pattern and allocate movable memory in RAM.</summary>
    public int Guests { get; private set; }

    /// <summary>The RAM in whole 4 KiB pages, in order of address.</summary>
    public ReadOnlySpan<PhysicalRange> Ram => _ram;

    /// <summary>All RAM in bytes.</summary>
    public ulong RamBytes => ReplayHost.Bytes(_ram);

    /// <summary>Prepares a trace for a machine with the RAM of a listing.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="systemRam">The RAM in order of address, not overlapping. Ranges that touch are one; of what is left, parts of pages do
    /// not count.</param>
    /// <param name="options">Who is a guest, and what the host is like; null for the defaults.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MalformedInputException">There is no whole page of RAM, or there are more guests than ASIDs.</exception>
    public static ReplayPlan Create(PageTrace trace, ReadOnlySpan<PhysicalRange> systemRam, ReplayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ReplayPlan plan = new(trace, ReplayHost.WholePages(systemRam, trace.Name), options ?? new ReplayOptions());
        plan.NumberGuests();
        return plan;
    }

    /// <summary>Prepares a trace for a machine with one range of RAM, from 0 to the highest page of the trace, rounded up to 2
    /// MiB.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="options">Who is a guest, and what the host is like; null for the defaults.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MalformedInputException">There are more guests than ASIDs.</exception>
    public static ReplayPlan Create(PageTrace trace, ReplayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ulong regions = (trace.HighestFrame / PageSize.Size2M.Pages()) + 1;
        return Create(trace, [new PhysicalRange(default, regions * PageSize.Size2M.Bytes())], options);
    }

    /// <summary>Prepares a trace that is made while it is replayed.</summary>
    internal static ReplayPlan Create(GeneratorModel generator)
    {
        List<string> tasks = PageEventGenerator.Tasks(generator);
        PageTrace trace = new("a generated trace", new PageEventStore(), tasks);
        ReplayOptions options = new() { LargeEntries = generator.HasLargeEntries };
        PhysicalRange ram = new(default, (ulong)generator.Regions * PageSize.Size2M.Bytes());
        ReplayPlan plan = new(trace, [ram], options) { Generator = generator, Guests = generator.Guests };
        for (int task = 1; task < tasks.Count; task++)
        {
            plan._asids[task] = (uint)task;
        }

        return plan;
    }

    /// <summary>Who makes the events; null if they are in the trace.</summary>
    internal GeneratorModel? Generator { get; private init; }

    /// <summary>The tasks that are guests, in the order of their ASIDs.</summary>
    internal string[] GuestNames
    {
        get
        {
            string[] names = new string[Guests];
            for (int task = 0; task < _asids.Length; task++)
            {
                if (_asids[task] != 0) names[_asids[task] - 1] = Trace.Tasks[task];
            }

            return names;
        }
    }

    /// <summary>The ASID of a task: 0 if it is not a guest.</summary>
    internal uint Asid(int task) => _asids[task];

    /// <summary>Whether the event is an allocation of guest memory, provided that it lies in RAM.</summary>
    internal bool IsGuestAllocation(in PageEvent one) => one.IsMovable && _asids[one.Task] != 0;

    /// <summary>Whether first and last page of a block are RAM.</summary>
    internal bool IsRam(in PageEvent one) => one.HasBlock && IsRam(one.Frame) && IsRam(one.Frame + one.Pages - 1);

    /// <summary>A host with SNP enabled, whose RMP and page tables lie above all RAM.</summary>
    internal SnpHost<ContiguousGeometry, TPolicy> CreateHost<TPolicy>()
        where TPolicy : struct, IDirectMapPolicy => ReplayHost.Create<TPolicy>(_ram, Options.Processor, Trace.Name);

    /// <summary>Whether a page is RAM.</summary>
    internal bool IsRam(ulong frame)
    {
        ulong address = frame << PageSize.Size4K.Shift();
        if (_ram.Length == 1) return address - _ram[0].Start.Value < _ram[0].Length;
        int low = 0;
        int high = _ram.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            if (address < _ram[middle].Start.Value)
            {
                high = middle - 1;
            }
            else if (address >= _ram[middle].End)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    // Guests are numbered in the order of their first allocation, which no policy changes: once for all of them.
    private void NumberGuests()
    {
        ReadOnlySpan<string> tasks = Trace.Tasks;
        bool[] matches = new bool[tasks.Length];
        for (int task = 0; task < tasks.Length; task++)
        {
            matches[task] = TaskPattern.Matches(Options.GuestPattern, tasks[task]);
        }

        foreach (ReadOnlySpan<PageEvent> block in Trace.Blocks)
        {
            foreach (ref readonly PageEvent one in block)
            {
                if (!one.IsMovable || !matches[one.Task] || _asids[one.Task] != 0 || !IsRam(one)) continue;
                if ((uint)Guests >= Options.Processor.MaxAsid) throw TooManyGuests(tasks[one.Task]);
                _asids[one.Task] = (uint)++Guests;
            }
        }
    }

    private MalformedInputException TooManyGuests(string task)
    {
        ProcessorModel processor = Options.Processor;
        return new MalformedInputException(InputProblem.InFile(
            Trace.Name,
            $"more than {processor.MaxAsid} tasks match '{Options.GuestPattern}', the last being '{task}': a {processor.Name} has no ASID for another guest"));
    }
}
