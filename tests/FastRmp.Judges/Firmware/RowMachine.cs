using System;
using System.Buffers.Binary;
using System.Collections.Immutable;
using FastRmp.Firmware;

namespace FastRmp.Judges.Firmware;

/// <summary>A machine on which rows are executed: the table's storage, and beside it the entries expected afterwards.</summary>
internal sealed class RowMachine : IDisposable
{
    private const int CoreComplexes = 2;
    private const ulong DramBytes = 0x1000_0000;
    private const int PageBytes = 0x1000;

    private readonly ContiguousGeometry _geometry;
    private readonly PinnedMemory _storage;
    private readonly PinnedMemory _expected;
    private readonly ReverseMapTable<ContiguousGeometry> _table;

    internal RowMachine(ContiguousGeometry geometry)
    {
        _geometry = geometry;
        _storage = PinnedMemory.Reserve(geometry.StorageBytes);
        _expected = PinnedMemory.Reserve(geometry.StorageBytes);
        _table = new ReverseMapTable<ContiguousGeometry>(geometry, _storage, ProcessorModel.Genoa, ModelChoices.Default);
    }

    /// <summary>Sets a row's situation up, executes its command, and compares all that there is.</summary>
    /// <returns>The differences, a line each; empty if there are none.</returns>
    /// <remarks>
    /// Rows do not say what there is of firmware's own context, and the ASIDs after an initialisation that fails depend on it: every ASID
    /// becomes dirty where the context has to be made, and stays as it was where it is there. It can be there only while the RMP counts as
    /// initialised: the shutdown that takes that away has firmware forget the ASIDs besides. A row has to have everything as one of the two
    /// leaves it; <paramref name="isUndecided"/> says that it was the second.
    /// </remarks>
    internal string Play(CommandRow row, out bool isUndecided)
    {
        isUndecided = false;
        string differences = Play(row, FirmwareContextState.Cleared);
        if (differences.Length == 0 || row.Command is not ("INIT" or "INIT_EX") || row.Status == 0) return differences;
        bool mayBeThere = row.Before.Platform is { IsRmpInitialized: true };
        isUndecided = Play(row, mayBeThere ? FirmwareContextState.Initialized : FirmwareContextState.Lost).Length == 0;
        return isUndecided ? "" : differences;
    }

    private string Play(CommandRow row, FirmwareContextState context)
    {
        SevFirmware<ContiguousGeometry> firmware = new(_table, Machine(row)) { Context = context };
        Write(_storage, row.Before);
        Write(_expected, row.Before);
        Write(_expected, row.After);
        if (row.Before.Platform is { } platform) firmware.Platform = platform;
        if (row.Command is "SHUTDOWN" or "SHUTDOWN_EX") firmware.RecordIommuPages([.. row.IommuBuffers]);
        FirmwareStateCheck.SetUp(firmware, row);
        FirmwareStatus status = Commands.Execute(firmware, row);
        Differences differences = new();
        if ((ushort)status != row.Status)
        {
            differences.Add("status", $"{row.Status:x} {row.StatusName}", $"{(ushort)status:x} {status.Name()}");
        }

        FirmwareStateCheck.Compare(firmware, row, differences);
        CompareStorage(differences);
        Clear();
        return differences.Text;
    }

    public void Dispose()
    {
        _table.Dispose();
        _storage.Dispose();
        _expected.Dispose();
    }

    private static FirmwareMachine Machine(CommandRow row)
    {
        NamedNumbers? configuration = row.Configuration;
        FirmwareMachine machine = new()
        {
            CoreComplexes = CoreComplexes,
            Dram = row.Dram.Count == 0 ? [new PhysicalRange(default, DramBytes)] : [.. row.Dram],
            Tseg = row.Tseg,
            ChecksTseg = false,
            IsAsegEnabled = row.IsAsegEnabled,
            IommuBuffers = row.Command is "INIT" or "INIT_EX" ? [.. row.IommuBuffers] : ImmutableArray<PhysicalRange>.Empty,
        };
        return configuration is null ? machine : machine with
        {
            RmpBase = configuration["base"],
            RmpEnd = configuration["end"],
            AreRmpBoundsEqual = !configuration.Has("differs"),
            IsMfdmEnabled = configuration.Get("mfdm", 1) != 0,
            IsHostSaveAreaClear = configuration.Get("hsaveclear", 1) != 0,
            IsTcbChanged = configuration.Has("tcbchanged"),
            AreIommusReady = configuration.Get("iommuok", 1) != 0,
        };
    }

    /// <summary>Writes entries and counters; pages without an entry have none to write.</summary>
    private void Write(PinnedMemory memory, RowState state)
    {
        foreach ((uint asid, ulong value) in state.Counters)
        {
            if (asid < ContiguousGeometry.AsidCounters)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(memory.Span(asid * sizeof(ulong), sizeof(ulong)), value);
            }
        }

        foreach (EntryRun run in state.Entries)
        {
            for (ulong i = 0; i < run.Count && _geometry.TryGetIndex(PhysicalAddress.FromPageNumber(run.Page + i), out nuint index); i++)
            {
                Span<byte> entry = memory.Span((ulong)index * RmpEntry.SizeInBytes, RmpEntry.SizeInBytes);
                BinaryPrimitives.WriteUInt64LittleEndian(entry, run.Low + (i * run.Step));
                BinaryPrimitives.WriteUInt64LittleEndian(entry[sizeof(ulong)..], run.High);
            }
        }
    }

    private void CompareStorage(Differences differences)
    {
        for (ulong offset = 0; offset < _geometry.StorageBytes; offset += PageBytes)
        {
            ReadOnlySpan<byte> wanted = _expected.ReadOnlySpan(offset, PageBytes);
            ReadOnlySpan<byte> got = _storage.ReadOnlySpan(offset, PageBytes);
            if (!wanted.SequenceEqual(got)) Compare(offset, wanted, got, differences);
        }
    }

    private static void Compare(ulong offset, ReadOnlySpan<byte> wanted, ReadOnlySpan<byte> got, Differences differences)
    {
        for (int i = 0; i < PageBytes; i += RmpEntry.SizeInBytes)
        {
            ulong place = offset + (ulong)i;
            string expected = Entry(wanted[i..]);
            string found = Entry(got[i..]);
            if (expected == found) continue;
            if (place < ContiguousGeometry.BookkeepingBytes)
            {
                differences.Add($"counters {place / sizeof(ulong):x}, {(place / sizeof(ulong)) + 1:x}", expected, found);
            }
            else
            {
                differences.Add($"entry {(place - ContiguousGeometry.BookkeepingBytes) / RmpEntry.SizeInBytes:x}", expected, found);
            }
        }
    }

    private static string Entry(ReadOnlySpan<byte> bytes) =>
        $"{BinaryPrimitives.ReadUInt64LittleEndian(bytes):x} {BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(ulong)..]):x}";

    /// <summary>Makes both memories zero again, where they are not.</summary>
    private void Clear()
    {
        for (ulong offset = 0; offset < _geometry.StorageBytes; offset += PageBytes)
        {
            Span<byte> got = _storage.Span(offset, PageBytes);
            Span<byte> wanted = _expected.Span(offset, PageBytes);
            if (got.ContainsAnyExcept((byte)0)) got.Clear();
            if (wanted.ContainsAnyExcept((byte)0)) wanted.Clear();
        }
    }
}
