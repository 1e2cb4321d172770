using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Threading;
using FastRmp.Images;

namespace FastRmp.Qemu;

/// <summary>The machine underneath the kernel: its RAM, the registers that say where the RMP is, and the RMP once SNP is on.</summary>
internal sealed class SnpMachine : IDisposable
{
    private readonly GuestRam _ram;
    private readonly Lock _gate = new(); // for what happens once; no instruction takes it
    private readonly List<GuestCore> _cores = [];
    private readonly List<ulong> _iommus = [];
    private ReverseMapTable<RmpGeometry>? _table;
    private volatile bool _mayHaveAssigned;
    private volatile bool _wasTold;
    private RmpRegisters _registers;

    private SnpMachine(
        GuestRam ram, ProcessorModel processor, RmpRegisters registers, Injector injector, EventLog events, KernelSymbols? symbols)
    {
        Injector = injector;
        _ram = ram;
        Processor = processor;
        _registers = registers;
        Events = events;
        DirectMap = new DirectMapWatch(ram, events);
        Counters = new ConsoleCounters(DirectMap, events);
        Functions = new FunctionNames(symbols, ram, Interrupts, DirectMap, Notes);
    }

    /// <summary>The RAM.</summary>
    internal GuestRam Ram => _ram;

    /// <summary>The generation.</summary>
    internal ProcessorModel Processor { get; }

    /// <summary>RMP_BASE, RMP_END and RMP_CFG, the same on all processors.</summary>
    internal RmpRegisters Registers
    {
        get
        {
            lock (_gate) return _registers; // written by any processor, more than one word
        }
    }

    /// <summary>The answers that are given without executing anything.</summary>
    internal Injector Injector { get; }

    /// <summary>Where events go.</summary>
    internal EventLog Events { get; }

    /// <summary>The kernel's direct map.</summary>
    internal DirectMapWatch DirectMap { get; }

    /// <summary>What the kernel says of it itself.</summary>
    internal ConsoleCounters Counters { get; }

    /// <summary>The firmware's commands.</summary>
    internal FirmwareCounts Firmware { get; } = new();

    /// <summary>Whether a page may be assigned: until then no store is forbidden.</summary>
    internal bool MayHaveAssigned => _mayHaveAssigned;

    /// <summary>Called when that becomes so; null for nobody.</summary>
    internal Action? Assigning { get; set; }

    /// <summary>The kernel's interrupt descriptor tables.</summary>
    internal InterruptTables Interrupts { get; } = new();

    /// <summary>The kernel's IRETQs.</summary>
    internal ReturnInstructions Returns { get; } = new();

    /// <summary>The names of the kernel's functions.</summary>
    internal FunctionNames Functions { get; }

    /// <summary>What the user has to know.</summary>
    internal Notes Notes { get; } = new();

    /// <summary>The RMP; null before SNP is on.</summary>
    internal ReverseMapTable<RmpGeometry>? Table => Volatile.Read(ref _table);

    /// <summary>Where the registers of the IOMMUs are; none before the kernel asked for Fn8000_001F.</summary>
    internal IReadOnlyList<ulong> Iommus
    {
        get
        {
            lock (_gate) return [.. _iommus];
        }
    }

    /// <summary>How many blocks of the IVRS have SNPSup by now.</summary>
    internal int IommuBlocks { get; private set; }

    /// <summary>Whether the kernel asked for Fn8000_001F.</summary>
    internal bool WasAsked { get; private set; }

    /// <summary>The processors seen.</summary>
    internal IReadOnlyList<GuestCore> Cores
    {
        get
        {
            lock (_gate) return [.. _cores];
        }
    }

    /// <summary>Makes the machine, after its BIOS has set the RMP up.</summary>
    /// <param name="options">The options.</param>
    /// <param name="events">Where events go.</param>
    /// <param name="machine">The machine, or null.</param>
    /// <param name="problem">What is wrong, or null.</param>
    internal static bool TryCreate(
        PluginOptions options, EventLog events, [NotNullWhen(true)] out SnpMachine? machine, [NotNullWhen(false)] out string? problem)
    {
        machine = null;
        if (!Injector.TryCreate(options.Inject, out Injector? injector, out problem)) return false;
        if (!TrySymbols(options.Symbols, out KernelSymbols? symbols, out problem)) return false;
        if (!GuestRam.TryOpen(options.Ram, out GuestRam? ram, out problem)) return false;
        if (!BiosSetup.TrySetUp(options.Rmp, ram, options.Processor, out RmpRegisters registers, out problem))
        {
            problem = $"rmp: {problem}";
            ram.Dispose();
            return false;
        }

        events.Begin(options.Processor, ram.Ranges.AsSpan());
        machine = new SnpMachine(ram, options.Processor, registers, injector, events, symbols);
        return true;
    }

    private static bool TrySymbols(string? path, out KernelSymbols? symbols, [NotNullWhen(false)] out string? problem)
    {
        symbols = null;
        problem = null;
        try
        {
            if (path is not null) symbols = KernelSymbols.Open(path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or MalformedInputException)
        {
            problem = $"symbols={path}: {refusal.Message}";
        }

        return problem is null;
    }

    /// <summary>A processor comes into being.</summary>
    internal GuestCore AddCore(int index)
    {
        GuestCore core = new(index);
        lock (_gate) _cores.Add(core);
        return core;
    }

    /// <summary>CPUID Fn8000_001F is asked: the last moment before the kernel reads the IOMMU's table.</summary>
    internal void Identify()
    {
        lock (_gate)
        {
            WasAsked = true;
            if (IommuBlocks == 0) IommuBlocks = IvrsTable.Claim(_ram, _iommus);
        }
    }

    /// <summary>RMP_BASE, RMP_END or RMP_CFG is written while SNP is off everywhere.</summary>
    /// <param name="change">Which, and what it becomes.</param>
    /// <returns>False if it is on: #GP(0).</returns>
    internal bool TrySetRegisters(Func<RmpRegisters, RmpRegisters> change)
    {
        lock (_gate)
        {
            if (_cores.Exists(static core => core.IsSnpOn)) return false;
            RmpRegisters registers = change(_registers);
            if (registers != _registers) Volatile.Write(ref _table, null);
            _registers = registers;
            return true;
        }
    }

    /// <summary>SNP_EN is being set on a processor: the first one makes the table where the registers say.</summary>
    /// <returns>False if they describe no RMP in RAM: #GP(0).</returns>
    internal bool TryEnable()
    {
        lock (_gate)
        {
            if (_table is not null) return true;
            Span<ulong> segments = Registers.IsSegmented ? BiosSetup.SegmentTable(_ram, Registers.RmpBase) : default;
            if (RmpGeometry.TryCreate(Registers, segments, Processor, out RmpGeometry geometry, out string? problem)
                && RmpStorage.TryMake(_ram, geometry, out RmpStorage? storage, out problem))
            {
                Volatile.Write(ref _table, new ReverseMapTable<RmpGeometry>(geometry, storage.Memory, Processor, ModelChoices.Default));
                return true;
            }

            Notes.Add($"SNP_EN was refused with #GP(0): {problem}");
            return false;
        }
    }

    /// <summary>Something is about to assign pages, or may be.</summary>
    internal void Assign()
    {
        if (_wasTold) return;
        _mayHaveAssigned = true; // before: a processor that begins to run reads it itself
        Assigning?.Invoke();
        _wasTold = true; // after: no processor goes on before all know
    }

    /// <summary>Firmware has cleared SNP_EN on all processors. The table stays: nothing else may happen to it.</summary>
    internal void Disable()
    {
        foreach (GuestCore core in Cores) core.Syscfg = core.Syscfg with { SnpEnabled = false };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _table?.Dispose();
        _ram.Dispose();
    }
}
