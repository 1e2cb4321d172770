using System;
using System.Globalization;
using FastRmp.DirectMap;

namespace FastRmp.Images;

/// <summary>A trace prepared for replay: the host's RAM, and the ASID of each task that is a guest. It does not depend on the
/// policy.</summary>
/// <remarks>Immutable; any threads may replay it at the same time. Valid while its trace is.</remarks>
public sealed class ReplayPlan
{
    // Linux's direct map has 64 TiB with four levels, 32 PiB with five.
    private const ulong FourLevelLimit = 1UL << 46;

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
    public ulong RamBytes
    {
        get
        {
            ulong bytes = 0;
            foreach (PhysicalRange range in _ram)
            {
                bytes += range.Length;
            }

            return bytes;
        }
    }

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
        PhysicalRange[] ram = new PhysicalRange[systemRam.Length];
        int count = 0;
        for (int index = 0; index < systemRam.Length; index++)
        {
            PhysicalRange range = systemRam[index];
            for (; index + 1 < systemRam.Length && systemRam[index + 1].Start.Value == range.End; index++)
            {
                range = range with { Length = range.Length + systemRam[index + 1].Length };
            }

            PhysicalRange pages = range.WholePages();
            if (pages.Length != 0) ram[count++] = pages;
        }

        if (count == 0)
        {
            throw new MalformedInputException(InputProblem.InFile(trace.Name, "there is no whole page of System RAM to replay it in"));
        }

        ReplayPlan plan = new(trace, ram[..count], options ?? new ReplayOptions());
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

    /// <summary>The ASID of a task: 0 if it is not a guest.</summary>
    internal uint Asid(int task) => _asids[task];

    /// <summary>Whether the event is an allocation of guest memory, provided that it lies in RAM.</summary>
    internal bool IsGuestAllocation(in PageEvent one) => one.IsMovable && _asids[one.Task] != 0;

    /// <summary>Whether first and last page of a block are RAM.</summary>
    internal bool IsRam(in PageEvent one) => one.HasBlock && IsRam(one.Frame) && IsRam(one.Frame + one.Pages - 1);

    /// <summary>A host with SNP enabled, whose RMP and page tables lie above all RAM.</summary>
    internal SnpHost<ContiguousGeometry, TPolicy> CreateHost<TPolicy>()
        where TPolicy : struct, IDirectMapPolicy
    {
        ReverseMapTable<ContiguousGeometry>? table = null;
        HostDirectMap? map = null;
        try
        {
            ulong top = _ram[^1].End;
            ContiguousGeometry geometry = ContiguousGeometry.Covering(NextGigabyte(top), top);
            table = new ReverseMapTable<ContiguousGeometry>(geometry, Options.Processor);
            PagingMode mode = PageArithmetic.ModeOf(top > FourLevelLimit && Options.Processor.HasLa57);
            map = new HostDirectMap(
                _ram,
                new DirectMapOptions { Processor = Options.Processor, Mode = mode, TableBase = NextGigabyte(geometry.End.Value + 1) });
            SnpHost<ContiguousGeometry, TPolicy> host = new(table, map);
            host.EnableSnp();
            table = null;
            map = null;
            return host;
        }
        catch (ArgumentException refusal)
        {
            string reason = string.Create(
                CultureInfo.InvariantCulture,
                $"RAM up to 0x{_ram[^1].End - 1:x} leaves no room for the RMP and the page tables of the model");
            throw new MalformedInputException(InputProblem.InFile(Trace.Name, reason), refusal);
        }
        finally
        {
            table?.Dispose();
            map?.Dispose();
        }
    }

    private static PhysicalAddress NextGigabyte(ulong address)
    {
        ulong mask = PageSize.Size1G.OffsetMask();
        return PhysicalAddress.Create((address + mask) & ~mask);
    }

    private bool IsRam(ulong frame)
    {
        ulong address = frame << PageSize.Size4K.Shift();
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
