using System;
using FastRmp.Firmware;

namespace FastRmp.Tests.Rmp;

/// <summary>
/// Gives a command the context of a guest that owns what it asks for: some page of the table is a context page for the time of one command.
/// </summary>
/// <remarks>
/// The page is a neighbour of the RMP's own pages, where RMPOPT has nothing to forget. What firmware wrote into the context is gone
/// afterwards.
/// </remarks>
/// <typeparam name="TGeometry">Where the entries stand.</typeparam>
internal sealed class TemporaryGuestContext<TGeometry>(SevFirmware<TGeometry> firmware)
    where TGeometry : struct, IRmpGeometry
{
    private const ulong PageBytes = 0x1000;
    private const ulong Near = 16 * PageBytes;
    private static readonly RmpEntry ContextEntry = new(0xA000_0000_0000_0005, 0x1F);

    /// <summary>Runs a command for a guest of this state and ASID.</summary>
    public FirmwareStatus Run(
        GuestState state, uint asid, MetadataEntry root, ReadOnlySpan<ulong> operands, Func<ulong, FirmwareStatus> command)
    {
        PhysicalAddress page = Find(operands);
        _ = firmware.TryGetGuestContext(page, out GuestContext content);
        _ = firmware.Table.TryReadRaw(page, out RmpEntry entry);
        if (!firmware.Table.TryWriteRaw(page, ContextEntry)) throw new InvalidOperationException("The page has no entry.");
        firmware.SetGuestContext(page, new GuestContext
        {
            State = state,
            Asid = asid,
            Flags = GuestFlags.EncryptedState | GuestFlags.Active,
            CoreComplexes = 1,
            Root = root,
        });
        FirmwareStatus status = command(page.Value);
        firmware.SetGuestContext(page, content);
        firmware.Table.TryWriteRaw(page, entry);
        return status;
    }

    /// <summary>A page near the table's own, or, where these have no entries, the last one that is free in what the table covers.</summary>
    private PhysicalAddress Find(ReadOnlySpan<ulong> operands)
    {
        PhysicalRange own = firmware.Table.Geometry.OwnRange(0);
        for (ulong distance = 0; distance < Near; distance += PageBytes)
        {
            if (IsFree(own.End + distance, operands)) return PhysicalAddress.Create(own.End + distance);
            if (distance < own.Start.Value && IsFree(own.Start.Value - PageBytes - distance, operands))
            {
                return PhysicalAddress.Create(own.Start.Value - PageBytes - distance);
            }
        }

        for (int i = firmware.Table.Geometry.CoveredRanges - 1; i >= 0; i--)
        {
            PhysicalRange covered = firmware.Table.Geometry.CoveredRange(i);
            for (ulong page = covered.End; page > covered.Start.Value; page -= PageBytes)
            {
                if (IsFree(page - PageBytes, operands)) return PhysicalAddress.Create(page - PageBytes);
            }
        }

        throw new InvalidOperationException("There is no page for a context.");
    }

    private bool IsFree(ulong page, ReadOnlySpan<ulong> operands)
    {
        if (page is >= 0xA_0000 and < 0xC_0000 || !firmware.Table.IsCovered(PhysicalAddress.Create(page))) return false;
        foreach (ulong operand in operands)
        {
            if (operand / PageBytes == page / PageBytes) return false;
        }

        for (int i = 0; i < firmware.Table.Geometry.OwnRanges; i++)
        {
            PhysicalRange own = firmware.Table.Geometry.OwnRange(i);
            if (page >= own.Start.Value && page < own.End) return false;
        }

        return true;
    }
}
