using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace FastRmp.Images;

/// <summary>Writes what logs say as facts under fixed keys; a key is absent where no line says it.</summary>
internal static partial class FactWriter
{
    private const int GibShift = 30;
    private const int MostPending = 64 * 1024; // before the writer hands on what it has

    /// <summary>Writes the object.</summary>
    internal static void Write(LogReport report, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        List<LoggedPageFault> faults = All<LoggedPageFault>(report);
        faults.RemoveAll(static fault => fault.ErrorCode is null);
        List(writer, "page_faults", faults, Fault);
        List(writer, "rmp_entries", All<LoggedRmpEntry>(report), Entry);
        List(writer, "unassigned_regions", All<LoggedRegion>(report), Region);
        List(writer, "leaks", All<LoggedLeak>(report), Leak);
        List(writer, "rmpupdate", All<LoggedRmpUpdate>(report), Update);
        List(writer, "psmash", All<LoggedPSmash>(report), Smash);
        List(writer, "npf", All<LoggedNestedFault>(report), Nested);
        Tables(report, writer);
        Edges(report, writer);
        Platform(report, writer);
        Culprit(writer, faults);
        if (report.FaultCount != 0 && !HasRmpEvent(report) && !IsOpen(report)) writer.WriteNumber("rmp_events", 0);
        writer.WriteEndObject();
    }

    private static List<T> All<T>(LogReport report)
        where T : LogFinding
    {
        List<T> all = [];
        foreach (LogFinding finding in report.Findings)
        {
            if (finding is T wanted) all.Add(wanted);
        }

        return all;
    }

    /// <summary>Whether the log leaves open if a fault is RMP's: its code is missing, or cut to the bits that an oops repeats, and an entry
    /// is printed with it.</summary>
    private static bool IsOpen(LogReport report)
    {
        bool isOpen = false;
        foreach (LogFinding finding in report.Findings)
        {
            isOpen |= finding is LoggedPageFault { ErrorCode: null } or LoggedPageFault { IsCodeCut: true };
            if (isOpen && finding is LoggedRmpEntry or LoggedRegion) return true;
        }

        return false;
    }

    private static bool HasRmpEvent(LogReport report)
    {
        foreach (LogFinding finding in report.Findings)
        {
            if (finding.IsRmpEvent) return true;
        }

        return false;
    }

    private static void List<T>(Utf8JsonWriter writer, string name, List<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0) return;
        writer.WriteStartArray(name);
        foreach (T item in items)
        {
            writer.WriteStartObject();
            write(writer, item);
            writer.WriteEndObject();
            if (writer.BytesPending > MostPending) writer.Flush();
        }

        writer.WriteEndArray();
    }

    private static void Fault(Utf8JsonWriter writer, LoggedPageFault fault)
    {
        PageFaultErrorCode code = fault.Code;
        Hex(writer, "address", fault.Address);
        Hex(writer, "error_code", code.Value);
        writer.WriteStartArray("set_bits");
        Names(
            writer, (code.Present, "P"), (code.Write, "W"), (code.User, "U"), (code.ReservedBit, "RSVD"), (code.Fetch, "ID"),
            (code.ProtectionKey, "PK"), (code.ShadowStack, "SS"), (code.Sgx, "SGX"), (code.Rmp, "RMP"));
        writer.WriteEndArray();
        writer.WriteBoolean("rmp", code.Rmp);
        writer.WriteBoolean("present", code.Present);
        writer.WriteString("access", code.Fetch ? "fetch" : code.Write ? "write" : "read");
        writer.WriteString("mode", code.User ? "user" : "supervisor");
        if (fault.Vector is { } vector) writer.WriteNumber("vector", vector);
        if (fault.Walk is not { } walk)
        {
            writer.WriteNull("walk");
        }
        else
        {
            writer.WriteStartObject("walk");
            if (walk.Pgd is not null) Hex(writer, "PGD", walk.Pgd);
            if (walk.P4d is not null) Hex(writer, "P4D", walk.P4d);
            if (walk.Pud is not null) Hex(writer, "PUD", walk.Pud);
            if (walk.Pmd is not null) Hex(writer, "PMD", walk.Pmd);
            if (walk.Pte is not null) Hex(writer, "PTE", walk.Pte);
            writer.WriteEndObject();
            if (walk.Levels is { } levels) writer.WriteNumber("paging_levels", levels);
        }

        writer.WriteString("leaf", fault.Walk?.LeafName);
        if (fault.Walk?.Leaf is { } leaf)
        {
            writer.WriteStartArray("leaf_flags");
            LeafFlags(writer, leaf, fault.Walk.LeafLevel);
            writer.WriteEndArray();
            writer.WriteNumber("mapping_size", fault.Walk.MappingBytes ?? 0);
        }

        Hex(writer, "pfn", fault.Frame);
    }

    private static void LeafFlags(Utf8JsonWriter writer, ulong leaf, PagingLevel? level)
    {
        PagingEntry entry = new(leaf);
        bool pat = entry.PatOf((level ?? PagingLevel.PageTable).LeafSize());
        Names(
            writer, (entry.Present, "P"), (entry.Writable, "RW"), (entry.User, "US"), (entry.WriteThrough, "PWT"),
            (entry.CacheDisable, "PCD"), (entry.Accessed, "A"), (entry.Dirty, "D"), (pat, "PAT"), (entry.Global, "G"),
            (entry.NoExecute, "NX"));
    }

    private static void Entry(Utf8JsonWriter writer, LoggedRmpEntry logged)
    {
        RmpEntry entry = logged.Entry;
        bool isSymbolic = logged.Layout == RmpEntryLayout.Symbolic;
        Hex(writer, "pfn", logged.Pfn);
        writer.WriteString("layout", logged.Layout switch
        {
            RmpEntryLayout.LowHigh => "lo-hi",
            RmpEntryLayout.HighLow => "high low",
            _ => "symbolic",
        });
        if (!isSymbolic) Words(writer, entry);
        writer.WriteNumber("assigned", entry.Assigned ? 1 : 0);
        writer.WriteNumber("pagesize", entry.PageSize == PageSize.Size2M ? 1 : 0);
        writer.WriteNumber("immutable", entry.Immutable ? 1 : 0);
        if (!isSymbolic) writer.WriteNumber("subpage_count", entry.SubpageCount);
        Hex(writer, "gpa_field", entry.Gpa.Value >> PageSize.Size4K.Shift());
        Hex(writer, "gpa", entry.Gpa.Value);
        writer.WriteNumber("asid", entry.Asid);
        writer.WriteNumber("vmsa", entry.Vmsa ? 1 : 0);
        writer.WriteNumber("validated", entry.Validated ? 1 : 0);
        if (isSymbolic)
        {
            writer.WriteStartArray("not_printed");
            Names(writer, (true, "subpage_count"), (true, "lock"), (true, "vmpl masks"));
            writer.WriteEndArray();
        }
        else
        {
            Rest(writer, entry);
        }

        if (StateName(logged.State) is { } state) writer.WriteString("state", state);
    }

    private static void Words(Utf8JsonWriter writer, RmpEntry entry)
    {
        writer.WriteString("lo", string.Create(CultureInfo.InvariantCulture, $"0x{entry.Low:x16}"));
        writer.WriteString("hi", string.Create(CultureInfo.InvariantCulture, $"0x{entry.High:x16}"));
    }

    private static void Rest(Utf8JsonWriter writer, RmpEntry entry)
    {
        const int Levels = 4;
        writer.WriteNumber("lock", entry.Lock ? 1 : 0);
        writer.WriteStartArray("vmpl_masks");
        for (int vmpl = 0; vmpl < Levels; vmpl++) writer.WriteNumberValue((int)entry.PermissionsOf(vmpl));
        writer.WriteEndArray();
        writer.WriteStartArray("vmpl_perms");
        for (int vmpl = 0; vmpl < Levels; vmpl++)
        {
            VmplPermissions mask = entry.PermissionsOf(vmpl);
            writer.WriteStartArray();
            Names(
                writer, ((mask & VmplPermissions.Read) != 0, "read"), ((mask & VmplPermissions.Write) != 0, "write"),
                ((mask & VmplPermissions.ExecuteUser) != 0, "exec_user"),
                ((mask & VmplPermissions.ExecuteSupervisor) != 0, "exec_supervisor"),
                ((mask & VmplPermissions.SupervisorShadowStack) != 0, "sss"));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteNumber("implicit_key", entry.ImplicitKeySelect ? 1 : 0);
        writer.WriteNumber("root_port", entry.RootPortId);
        writer.WriteNumber("ide_stream", entry.PcieIdeStreamId);
        writer.WriteNumber("page_migration", entry.PageMigration);
    }

    /// <summary>The state's name as the facts have it; null for an entry that no page may have.</summary>
    private static string? StateName(PageState state) => state switch
    {
        PageState.Hypervisor => "HYPERVISOR",
        PageState.HvFixed => "HV_FIXED",
        PageState.Firmware => "FIRMWARE",
        PageState.FirmwareIommu => "FIRMWARE_IOMMU",
        PageState.Reclaim => "RECLAIM",
        PageState.Context => "CONTEXT",
        PageState.Metadata => "METADATA",
        PageState.PreGuest => "PRE_GUEST",
        PageState.PreSwap => "PRE_SWAP",
        PageState.GuestInvalid => "GUEST_INVALID",
        PageState.GuestValid => "GUEST_VALID",
        _ => null,
    };

    private static void Region(Utf8JsonWriter writer, LoggedRegion region)
    {
        Hex(writer, "pfn", region.Pfn);
        writer.WriteNumber("assigned", 0);
        Hex(writer, "start_pfn", region.Start);
        Hex(writer, "end_pfn_exclusive", region.End);
        writer.WriteNumber("pages", region.End - region.Start);
        writer.WriteStartArray("entries");
        foreach (LoggedRmpEntry entry in region.Entries)
        {
            writer.WriteStartObject();
            Entry(writer, entry);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("elided", region.IsElided);
    }

    private static void Leak(Utf8JsonWriter writer, LoggedLeak leak)
    {
        Hex(writer, "start_pfn", leak.Start);
        Hex(writer, "end_pfn_exclusive", leak.End);
        writer.WriteNumber("pages", leak.End - leak.Start);
        Hex(writer, "bytes", (leak.End - leak.Start) << PageSize.Size4K.Shift());
    }

    private static void Update(Utf8JsonWriter writer, LoggedRmpUpdate update)
    {
        Hex(writer, "pfn", update.Pfn);
        Hex(writer, "phys", update.Pfn << PageSize.Size4K.Shift());
        if (update.Level is { } level)
        {
            writer.WriteNumber("pg_level", level);
            if (level is 1 or 2) writer.WriteNumber("page_size", (level == 1 ? PageSize.Size4K : PageSize.Size2M).Bytes());
        }

        writer.WriteNumber("ret", update.Code);
        writer.WriteString("name", update.Name);
    }

    private static void Smash(Utf8JsonWriter writer, LoggedPSmash smash)
    {
        const ulong Offset = 0x1FF; // of a 4 KiB page in its 2 MiB region
        ulong gfn = smash.Gpa >> PageSize.Size4K.Shift();
        Hex(writer, "gpa", smash.Gpa);
        Hex(writer, "gfn", gfn);
        Hex(writer, "pfn", smash.Pfn);
        Hex(writer, "pfn_2m_base", smash.Pfn & ~Offset);
        Hex(writer, "offset_in_2m", smash.Pfn & Offset);
        writer.WriteBoolean("gfn_and_pfn_same_offset_in_2m", (gfn & Offset) == (smash.Pfn & Offset));
        if (smash.Code is not { } code) return;
        writer.WriteNumber("rc", code);
        writer.WriteString("name", smash.Name);
    }

    private static void Nested(Utf8JsonWriter writer, LoggedNestedFault fault)
    {
        const ulong ShadowStack = 1UL << 6; // of an ordinary page fault's code
        NestedPageFaultCode code = fault.Code;
        Hex(writer, "error_code", fault.ErrorCode);
        writer.WriteStartArray("set_bits");
        Names(
            writer, (code.Present, "P"), (code.Write, "W"), (code.User, "U"), (code.ReservedBit, "RSVD"), (code.Fetch, "ID"),
            ((fault.ErrorCode & ShadowStack) != 0, "SS"), (code.Rmp, "RMP"), (code.Final, "FINAL"), (code.PageTable, "TABLE"),
            (code.Encrypted, "ENC"), (code.SizeMismatch, "SIZEM"), (code.Vmpl, "VMPL"), (code.ShadowStack, "SSS"));
        writer.WriteEndArray();
        writer.WriteBoolean("rmp", code.Rmp);
        writer.WriteBoolean("private", code.Encrypted);
        writer.WriteBoolean("size_mismatch", code.SizeMismatch);
        if (fault.Address is not null) Hex(writer, "address", fault.Address);
        if (fault.Vcpu is { } vcpu) writer.WriteNumber("vcpu", vcpu);
        if (fault.NptLevel is { } nested) writer.WriteNumber("npt_level", nested);
        if (fault.RmpLevel is { } rmp) writer.WriteNumber("rmp_level", rmp);
    }

    private static void Culprit(Utf8JsonWriter writer, List<LoggedPageFault> faults)
    {
        foreach (LoggedPageFault fault in faults)
        {
            if (fault.Symbol is null) continue;
            writer.WriteString("rip_symbol", fault.Symbol);
            if (fault.Module is not null) writer.WriteString("module", fault.Module);
            return;
        }
    }

    private static void Names(Utf8JsonWriter writer, params ReadOnlySpan<(bool IsSet, string Name)> names)
    {
        foreach ((bool isSet, string name) in names)
        {
            if (isSet) writer.WriteStringValue(name);
        }
    }

    private static void Hex(Utf8JsonWriter writer, string name, ulong? value)
    {
        if (value is { } number) writer.WriteString(name, string.Create(CultureInfo.InvariantCulture, $"0x{number:x}"));
        else writer.WriteNull(name);
    }
}
