using System;
using System.Globalization;
using System.Linq;
using System.Text;
using FastRmp.Firmware;
using FastRmp.Images;

namespace FastRmp.Qemu;

/// <summary>What is said at the end.</summary>
internal static class MachineReport
{
    private const string Prefix = "fastrmp: ";

    /// <summary>The lines.</summary>
    internal static string Of(SnpMachine machine)
    {
        StringBuilder text = new();
        InstructionCounts updates = new();
        InstructionCounts smashes = new();
        InstructionCounts reads = new();
        InstructionCounts optimizations = new();
        int enabled = 0;
        int left = 0;
        foreach (GuestCore core in machine.Cores)
        {
            updates.Add(core.Updates);
            smashes.Add(core.Smashes);
            reads.Add(core.Reads);
            optimizations.Add(core.Optimizations);
            if (core.WasSnpOn) enabled++;
            if (core.IsSnpOn) left++;
        }

        RmpRegisters registers = machine.Registers;
        string place = registers.IsSegmented ? "segmented" : $"to 0x{registers.RmpEnd:x}";
        string on = FormattableString.Invariant($"{enabled} of {machine.Cores.Count} processors");
        string end = left == enabled ? "" : FormattableString.Invariant($", at the end on {left}");
        Line(text, $"{machine.Processor.Name}, RMP at 0x{registers.RmpBase:x} {place}, SNP on {on}{end}");
        if (updates.Total != 0) Line(text, $"RMPUPDATE {updates}");
        if (smashes.Total != 0) Line(text, $"PSMASH {smashes}");
        if (reads.Total != 0) Line(text, $"RMPREAD {reads}");
        if (optimizations.Total != 0) Line(text, $"RMPOPT {optimizations}");
        foreach (((FirmwareCommand command, FirmwareStatus status), long count) in machine.Firmware.All)
        {
            Line(text, $"firmware {command.Name()} {count}: {status.Name()}");
        }

        if (machine.Injector.Given != 0) Line(text, $"{machine.Injector.Given} of these answers were injected");
        if (machine.Table is { } table)
        {
            RmpCensus census = Census(table);
            string state = census.IsConsistent ? "consistent" : "INCONSISTENT";
            Line(text, $"at the end {census.AssignedPages} of {census.Pages} pages are assigned, and the RMP is {state}");
        }

        DirectMap(text, machine);
        Violations(text, machine);
        if (!machine.WasAsked) Line(text, $"note: nobody asked for CPUID Fn8000_001F; -cpu needs xlevel=0x80000025 and -hypervisor");
        else if (machine.IommuBlocks == 0) Line(text, $"note: there is no IVRS, and so no IOMMU with SNP; -device amd-iommu adds it");
        if (machine.Table is null && registers.IsSegmented)
        {
            Line(text, $"note: SNP was not turned on; Linux knows a segmented RMP from 6.14 on");
        }

        machine.Events.Flush();
        if (machine.Events.Problem is { } problem) Line(text, $"note: the trace is not complete: {problem}");
        foreach (string note in machine.Notes.Lines) Line(text, $"note: {note}");
        return text.ToString();
    }

    /// <summary>The kernel's direct map by size, when it was found and now, and what became of its leaves in between.</summary>
    private static void DirectMap(StringBuilder text, SnpMachine machine)
    {
        DirectMapWatch map = machine.DirectMap;
        if (!map.IsOn)
        {
            if (machine.Table is not null) machine.Notes.Add("the kernel's direct map was not found in its tables");
            return;
        }

        if (map.Maps > 1)
        {
            machine.Notes.Add($"{map.Maps} kernels ran, one after the other; what is said of the direct map is the last one's");
        }

        Line(text, $"direct map at the start: {Leaves(map.AtStart)}");
        foreach (GuestCore core in machine.Cores)
        {
            map.Look(core.Index, core.State);
            if (!map.TryCount(core.State, out DirectMapTotals totals)) continue;
            map.Say(core.Index, totals);
            Line(text, $"direct map at the end: {Leaves(totals)}");
            break;
        }

        DirectMapChanges changes = map.Changes;
        Line(
            text,
            $"direct map split {changes.Splits2M} times at 2 MiB and {changes.Splits1G} at 1 GiB, joined {changes.Joins2M} and {changes.Joins1G}");
        if (!machine.Counters.Any) return;
        Line(text, $"direct map by the kernel's own counters on the console: {machine.Counters.Changes(own: false)}");
        if (machine.Counters.Agree) Line(text, $"direct map by its tables in the same time: the same");
        else Line(text, $"direct map by its tables in the same time: {machine.Counters.Changes(own: true)}, which is NOT the same");
    }

    private static string Leaves(in DirectMapTotals totals) => FormattableString.Invariant(
        $"{totals.Leaves4K} leaves of 4 KiB, {totals.Leaves2M} of 2 MiB, {totals.Leaves1G} of 1 GiB");

    /// <summary>The instructions that stored most often where they may not, in lines that <c>fastrmp explain</c> explains.</summary>
    private static void Violations(StringBuilder text, SnpMachine machine)
    {
        const int Shown = 16;
        ViolationCounts all = new();
        long total = 0;
        foreach (Violation violation in machine.Cores.SelectMany(static core => core.Violations.All))
        {
            total += violation.Count;
            all.Add(violation);
        }

        Line(text, $"violations {total}");
        if (total == 0) return;
        Line(text, $"{total} stores that hardware would have refused with #PF, by {all.All.Count()} instructions:");
        foreach (Violation violation in all.All.OrderByDescending(static violation => violation.Count).Take(Shown))
        {
            string? function = violation.Function ?? machine.Functions.Of(violation.Rip, isAtEnd: true);
            Violation named = violation with { Function = function };
            Line(text, $"{named.ToString()} count={named.Count}");
        }
    }

    private static RmpCensus Census(ReverseMapTable<RmpGeometry> table)
    {
        RmpCensus census = new();
        for (int i = 0; i < table.Geometry.CoveredRanges; i++)
        {
            PhysicalRange range = table.Geometry.CoveredRange(i);
            for (ulong offset = 0; offset < range.Length; offset += PageSize.Size2M.Bytes())
            {
                census.Add(range.Start + offset, table.Region(range.Start + offset));
            }
        }

        return census;
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(Prefix).Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
