using System;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <summary>What a command needs that its line does not name: the context of a guest, for the time of the command, and a page without
/// entry.</summary>
/// <param name="firmware">The machine's firmware.</param>
/// <remarks>The guest owns the page's ASID, is in the right state and active, so that only the tests on the page decide. Both pages are
/// DRAM as long as the command takes.</remarks>
internal sealed class TemporaryGuestContext<TGeometry>(SevFirmware<TGeometry> firmware)
    where TGeometry : struct, IRmpGeometry
{
    private static readonly RmpEntry ContextEntry = new RmpEntry { Assigned = true, Immutable = true, Lock = true, Vmsa = true };

    private static readonly PhysicalRange Aseg = new(PhysicalAddress.Create(0xA_0000), 0x2_0000);

    /// <summary>Runs a command for the guest that the line names, or that a Metadata page names, or for one that owns the page.</summary>
    /// <param name="request">The command.</param>
    /// <param name="state">The state that the guest has to be in.</param>
    /// <param name="command">Is given the context page and a page without entry.</param>
    internal FirmwareStatus Run(in FirmwareRequest request, GuestState state, Func<ulong, ulong, FirmwareStatus> command)
    {
        if (request.HasContext)
        {
            ulong context = request.Context.Value;
            return WithFreePage(place => command(context, place));
        }

        if (!firmware.Platform.IsSnpInitialized) return command(0, 0);
        if (IsMetadata(firmware, request.Page, out RmpEntry entry))
        {
            ulong context = entry.FirmwareAddress.Value;
            return WithFreePage(place => command(context, place));
        }

        GuestContext guest = new()
        {
            State = state,
            Asid = entry.Asid,
            Flags = GuestFlags.Active | GuestFlags.EncryptedState,
            CoreComplexes = 1,
        };
        return RunAs(guest, request.Page, request.Other, command);
    }

    /// <summary>Runs a command with a page that is a guest's context meanwhile.</summary>
    internal FirmwareStatus RunAs(
        in GuestContext guest, PhysicalAddress first, PhysicalAddress second, Func<ulong, ulong, FirmwareStatus> command)
    {
        if (!firmware.Platform.IsSnpInitialized) return command(0, 0);
        if (!TryFind(first, second, out PhysicalAddress page)) return FirmwareStatus.InvalidGuest;
        _ = firmware.Table.TryReadRaw(page, out RmpEntry entry);
        _ = firmware.TryGetGuestContext(page, out GuestContext content);
        _ = firmware.Table.TryWriteRaw(page, ContextEntry);
        firmware.SetGuestContext(page, guest);
        FirmwareStatus status = WithFreePage(place => command(page.Value, place), page);
        firmware.SetGuestContext(page, content);
        _ = firmware.Table.TryWriteRaw(page, entry);
        return status;
    }

    /// <summary>Runs a command that may use a page without entry: where what is swapped out goes, where a range list is.</summary>
    internal FirmwareStatus WithFreePage(Func<ulong, FirmwareStatus> command, PhysicalAddress contextPage = default)
    {
        ulong place = FindFreePage();
        FirmwareMachine machine = firmware.Machine;
        if (!machine.Dram.IsDefaultOrEmpty)
        {
            PhysicalRange free = new(PhysicalAddress.Create(place), PageSize.Size2M.Bytes());
            firmware.Machine = machine with { Dram = [.. machine.Dram, free, new PhysicalRange(contextPage, PageSize.Size4K.Bytes())] };
        }

        FirmwareStatus status = command(place);
        firmware.Machine = machine;
        return status;
    }

    /// <summary>Whether the page's own entry is that of a Metadata page.</summary>
    internal static bool IsMetadata(SevFirmware<TGeometry> firmware, PhysicalAddress page, out RmpEntry entry) =>
        firmware.Table.TryReadRaw(page, out entry) && !IsOwn(firmware.Table.Geometry, page)
            && entry.State == PageState.Metadata;

    /// <summary>A covered page that is none of the RMP's own and not one of the command's. It is near the RMP's own pages: RMPOPT never
    /// holds there, so that it has nothing to forget.</summary>
    private bool TryFind(PhysicalAddress first, PhysicalAddress second, out PhysicalAddress page)
    {
        TGeometry geometry = firmware.Table.Geometry;
        PhysicalRange own = geometry.OwnRange(0);
        ulong farthest = ulong.Max(own.Start.Value, PhysicalAddress.ValidMask - own.End);
        for (ulong distance = 0; distance < farthest; distance += PageSize.Size4K.Bytes())
        {
            page = PhysicalAddress.Truncate((own.End + distance) & PhysicalAddress.ValidMask);
            if (IsFree(page, first, second)) return true;
            if (distance >= own.Start.Value) continue;
            page = PhysicalAddress.Create(own.Start.Value - PageSize.Size4K.Bytes() - distance);
            if (IsFree(page, first, second)) return true;
            if (distance > PageSize.Size1G.Bytes()) break;
        }

        page = default;
        return false;
    }

    private bool IsFree(PhysicalAddress page, PhysicalAddress first, PhysicalAddress second)
    {
        if (page.PageNumber == first.PageNumber || page.PageNumber == second.PageNumber || !firmware.Table.IsCovered(page)) return false;
        ulong bytes = PageSize.Size4K.Bytes();
        return !Aseg.Contains(page, bytes) && !firmware.Machine.Tseg.Contains(page, bytes) && !IsOwn(firmware.Table.Geometry, page);
    }

    private ulong FindFreePage()
    {
        TGeometry geometry = firmware.Table.Geometry;
        for (int i = 0; i < geometry.CoveredRanges; i++)
        {
            PhysicalAddress end = PhysicalAddress.Truncate(geometry.CoveredRange(i).End & PhysicalAddress.ValidMask);
            if (!firmware.Table.IsCovered(end) && !IsOwn(geometry, end) && end.Value >> (firmware.Machine.PhysicalAddressBits - 1) == 0)
            {
                return end.Value;
            }
        }

        return PageSize.Size1G.Bytes() << 14; // 16 TiB, which no table of this tool reaches
    }

    private static bool IsOwn(TGeometry geometry, PhysicalAddress page)
    {
        for (int i = 0; i < geometry.OwnRanges; i++)
        {
            if (geometry.OwnRange(i).Contains(page, PageSize.Size4K.Bytes())) return true;
        }

        return false;
    }
}
