using System;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>Tables over the caller's storage.</summary>
internal static unsafe class Tables
{
    /// <summary>frmp_table_bytes.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_table_bytes")]
    internal static int Bytes(TableConfig* config, ulong* bytes)
    {
        try
        {
            if (bytes is null) return Refusals.Null("bytes");
            *bytes = 0;
            int code = Decode(config, out RmpGeometry geometry, out _, out _);
            if (code == (int)ErrorCode.Ok) *bytes = RoundToPages(geometry.StorageBytes);
            return code;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_table_create.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_table_create")]
    internal static int Create(TableConfig* config, void* storage, ulong bytes, ulong* table)
    {
        try
        {
            if (table is null) return Refusals.Null("table");
            *table = 0;
            int code = Decode(config, out RmpGeometry geometry, out ProcessorModel processor, out ModelChoices choices);
            if (code != (int)ErrorCode.Ok) return code;
            code = TestStorage(storage, bytes, RoundToPages(geometry.StorageBytes));
            if (code != (int)ErrorCode.Ok) return code;
            PinnedMemory block = PinnedMemory.Borrow(storage, bytes);
            TableHandle made = new(new ReverseMapTable<RmpGeometry>(geometry, block, processor, choices), block);
            *table = HandleTable.Add(made);
            return *table == 0 ? Refusals.TooMany() : (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_table_claim_own_pages.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_table_claim_own_pages")]
    internal static int ClaimOwnPages(ulong table)
    {
        try
        {
            TableHandle? found = Slots.Find<TableHandle>(table);
            if (found is null) return Refusals.Handle(table);
            found.Table.ClaimOwnPages();
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_table_view.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_table_view")]
    internal static int View(ulong table, TableView* view)
    {
        try
        {
            if (view is null) return Refusals.Null("view");
            *view = default;
            TableHandle? found = Slots.Find<TableHandle>(table);
            if (found is null) return Refusals.Handle(table);
            *view = found.View;
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    private static int Decode(TableConfig* config, out RmpGeometry geometry, out ProcessorModel processor, out ModelChoices choices)
    {
        geometry = default;
        processor = ProcessorModel.Genoa;
        choices = ModelChoices.Default;
        if (config is null) return Refusals.Null("config");
        if (config->Size != sizeof(TableConfig)) return Refusals.Size("config->size", config->Size, (ulong)sizeof(TableConfig));
        if (config->Flags != 0) return Refusals.Value("config->flags", config->Flags);
        if (config->SegmentEntries > SegmentedGeometry.SegmentTableEntries)
        {
            return Refusals.Size("config->segment_entries", config->SegmentEntries, SegmentedGeometry.SegmentTableEntries);
        }

        if (config->SegmentTable is null && config->SegmentEntries != 0) return Refusals.Null("config->segment_table");
        if (!config->Choices.TryDecode(out choices)) return Refusals.Value("config->choices", config->Choices.High);
        if (!config->Processor.TryDecode(choices, out processor)) return Refusals.Value("config->processor", config->Processor.Preset);
        if (!processor.HasRmp) return LastError.Set(ErrorCode.Configuration, $"The processor {processor.Name} has no RMP.");
        RmpRegisters registers = new(config->RmpBase, config->RmpEnd, config->RmpCfg);
        ReadOnlySpan<ulong> segments = new(config->SegmentTable, (int)config->SegmentEntries);
        return RmpGeometry.TryCreate(registers, segments, processor, out geometry, out string? refusal)
            ? (int)ErrorCode.Ok
            : LastError.Set(ErrorCode.Configuration, refusal);
    }

    private static int TestStorage(void* storage, ulong bytes, ulong needed)
    {
        if (storage is null) return Refusals.Null("storage");
        if (((ulong)storage & PageSize.Size4K.OffsetMask()) != 0) return Refusals.Misaligned("storage", (ulong)storage);
        bool fits = bytes >= needed && (bytes & PageSize.Size4K.OffsetMask()) == 0 && bytes <= ulong.MaxValue - (ulong)storage;
        return fits ? (int)ErrorCode.Ok : Refusals.Size("storage_bytes", bytes, needed);
    }

    private static ulong RoundToPages(ulong bytes) => (bytes + PageSize.Size4K.OffsetMask()) & ~PageSize.Size4K.OffsetMask();
}
