using System;
using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Layouts;
using FastRmp.Rmp;

namespace FastRmp.Cli.Scripts;

/// <summary>The context of a guest for the time of one command: scripts name pages, not guests.</summary>
/// <param name="firmware">The machine's firmware.</param>
internal sealed class LentContext<TGeometry>(SevFirmware<TGeometry> firmware)
    where TGeometry : struct, IRmpGeometry
{
    private static readonly RmpEntry ContextEntry = default(RmpEntry).WithAssigned(true).WithImmutable(true).WithLock(true).WithVmsa(true);

    /// <summary>A page without an entry, where what is swapped out goes.</summary>
    internal const ulong Elsewhere = 0x3F_0000_0000_0000 >> 8;

    /// <summary>Runs a command for the guest with an ASID.</summary>
    internal FirmwareStatus Run(GuestState state, uint asid, in MetadataEntry root, PhysicalAddress first, PhysicalAddress second, Func<ulong, FirmwareStatus> command)
    {
        if (!TryFind(first, second, out PhysicalAddress page)) return FirmwareStatus.InvalidGuest;
        _ = firmware.Table.TryReadRaw(page, out RmpEntry entry);
        _ = firmware.TryGetGuestContext(page, out GuestContext content);
        _ = firmware.Table.TryWriteRaw(page, ContextEntry);
        firmware.SetGuestContext(page, new GuestContext { State = state, Asid = asid, Flags = GuestFlags.Active | GuestFlags.EncryptedState, CoreComplexes = 1, Root = root });
        FirmwareStatus status = command(page.Value);
        firmware.SetGuestContext(page, content);
        _ = firmware.Table.TryWriteRaw(page, entry);
        return status;
    }

    /// <summary>A covered page that is none of the RMP's own and not one of the command's.</summary>
    private bool TryFind(PhysicalAddress first, PhysicalAddress second, out PhysicalAddress page)
    {
        TGeometry geometry = firmware.Table.Geometry;
        for (int i = 0; i < geometry.CoveredRanges; i++)
        {
            PhysicalRange covered = geometry.CoveredRange(i);
            for (ulong offset = 0; offset < covered.Length; offset += PageSize.Size4K.Bytes())
            {
                page = PhysicalAddress.Create(covered.Start.Value + offset);
                if (page.PageNumber != first.PageNumber && page.PageNumber != second.PageNumber && !IsOwn(geometry, page)) return true;
            }
        }

        page = default;
        return false;
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
