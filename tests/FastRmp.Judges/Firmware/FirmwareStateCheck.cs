using System.Collections.Generic;
using FastRmp.Firmware;

namespace FastRmp.Judges.Firmware;

/// <summary>What firmware keeps beside the table: set as a row has it before the command, compared with what it has after it.</summary>
internal static class FirmwareStateCheck
{
    private const ulong EncryptionBit = 1UL << 51;

    private static readonly AsidState Clean = new(0, FirmwareRows.AllCoreComplexes, 0, 0);

    internal static void SetUp(SevFirmware<ContiguousGeometry> firmware, CommandRow row)
    {
        uint highest = firmware.Table.Processor.MaxAsid;
        for (uint asid = 1; asid <= highest; asid++)
        {
            firmware.TrySetAsidState(asid, Clean);
        }

        foreach (AsidRun run in row.Before.Asids)
        {
            for (uint asid = run.First; asid <= run.Last && asid <= highest; asid++)
            {
                firmware.TrySetAsidState(asid, run.State);
            }
        }

        foreach ((PhysicalAddress page, GuestContext context) in Contexts(row, isAfter: false))
        {
            firmware.SetGuestContext(page, context);
        }

        foreach ((ulong address, MetadataEntry entry) in row.Before.Metadata)
        {
            firmware.SetMetadata(PhysicalAddress.Truncate(Entry(address)), entry);
        }
    }

    internal static void Compare(SevFirmware<ContiguousGeometry> firmware, CommandRow row, Differences differences)
    {
        PlatformState platform = row.After.Platform ?? row.Before.Platform ?? new PlatformState { IsSnpEnabled = true };
        if (firmware.Platform != platform) differences.Add("platform", RowNotation.Of(platform), RowNotation.Of(firmware.Platform));
        CompareAsids(firmware, row, differences);
        CompareContexts(firmware, row, differences);
        CompareMetadata(firmware, row, differences);
    }

    private static void CompareAsids(SevFirmware<ContiguousGeometry> firmware, CommandRow row, Differences differences)
    {
        uint highest = firmware.Table.Processor.MaxAsid;
        AsidState[] expected = new AsidState[highest + 1];
        System.Array.Fill(expected, Clean, 1, (int)highest);
        foreach (List<AsidRun> runs in (List<AsidRun>[])[row.Before.Asids, row.After.Asids])
        {
            foreach (AsidRun run in runs)
            {
                for (uint asid = run.First; asid <= run.Last && asid <= highest; asid++)
                {
                    expected[asid] = run.State;
                }
            }
        }

        for (uint asid = 1; asid <= highest; asid++)
        {
            AsidState got = firmware.AsidStateOf(asid);
            if (got != expected[asid]) differences.Add($"ASID {asid:x}", RowNotation.Of(expected[asid]), RowNotation.Of(got));
        }
    }

    private static void CompareContexts(SevFirmware<ContiguousGeometry> firmware, CommandRow row, Differences differences)
    {
        Dictionary<PhysicalAddress, GuestContext> expected = Contexts(row, isAfter: true);
        foreach ((PhysicalAddress page, GuestContext context) in expected)
        {
            _ = firmware.TryGetGuestContext(page, out GuestContext got);
            if (got != context) differences.Add($"context {page}", RowNotation.Of(context), RowNotation.Of(got));
        }

        foreach ((PhysicalAddress page, GuestContext got) in firmware.GuestContexts)
        {
            if (!expected.ContainsKey(page) && got != default) differences.Add($"context {page}", "unchanged", RowNotation.Of(got));
        }
    }

    /// <summary>The guest contexts, with the metadata entry of the command's one.</summary>
    private static Dictionary<PhysicalAddress, GuestContext> Contexts(CommandRow row, bool isAfter)
    {
        Dictionary<PhysicalAddress, GuestContext> contexts = [];
        foreach ((ulong page, GuestContext context) in row.Before.Contexts) contexts[Page(page)] = context;
        MetadataEntry? root = row.Before.Root;
        if (isAfter)
        {
            foreach ((ulong page, GuestContext context) in row.After.Contexts) contexts[Page(page)] = context;
            root = row.After.Root ?? root;
        }

        if (root is { } entry)
        {
            PhysicalAddress page = Page(row.Parameters["gctx"]);
            contexts[page] = contexts.GetValueOrDefault(page) with { Root = entry };
        }

        return contexts;
    }

    private static void CompareMetadata(SevFirmware<ContiguousGeometry> firmware, CommandRow row, Differences differences)
    {
        Dictionary<ulong, MetadataEntry> expected = [];
        foreach ((ulong address, MetadataEntry entry) in row.Before.Metadata) expected[Entry(address)] = entry;
        foreach ((ulong address, MetadataEntry entry) in row.After.Metadata) expected[Entry(address)] = entry;
        foreach ((ulong address, MetadataEntry entry) in expected)
        {
            _ = firmware.TryGetMetadata(PhysicalAddress.Truncate(address), out MetadataEntry got);
            if (got != entry) differences.Add($"metadata {address:x}", RowNotation.Of(entry), RowNotation.Of(got));
        }

        foreach ((PhysicalAddress address, MetadataEntry got) in firmware.MetadataEntries)
        {
            if (!expected.ContainsKey(address.Value)) differences.Add($"metadata {address}", "unchanged", RowNotation.Of(got));
        }
    }

    /// <summary>A metadata entry as firmware knows it: rows that are refused for it have addresses inside one, too.</summary>
    private static ulong Entry(ulong address)
    {
        const ulong Bytes = 64;
        return PhysicalAddress.Truncate(address & ~EncryptionBit).Value & ~(Bytes - 1);
    }

    /// <summary>A page as firmware knows it: without the C-bit.</summary>
    private static PhysicalAddress Page(ulong address)
    {
        return PhysicalAddress.Truncate(address & ~EncryptionBit).AlignDown(PageSize.Size4K);
    }
}
