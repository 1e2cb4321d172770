using System;
using System.Globalization;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Decode;

/// <summary>What RMP_BASE and RMP_END say: how much memory the table covers, and who would refuse it. Source: AMD64 APM vol. 2, 15.36; for
/// firmware's part AMD's SEV firmware; for 2M boundaries Linux.</summary>
internal sealed class RmpRangeText(Output output)
{
    private const ulong FirmwareUnit = 1UL << 20;
    private const int LikelyEncryptionBit = 51;
    private const int GibShift = 30;

    /// <summary>Prints the answer.</summary>
    /// <param name="rmpBase">RMP_BASE.</param>
    /// <param name="rmpEnd">RMP_END.</param>
    /// <param name="ram">Where RAM ends, or null.</param>
    internal void Write(ulong rmpBase, ulong rmpEnd, ulong? ram)
    {
        RmpRegisters given = new(rmpBase, rmpEnd, 0);
        bool isUsable = given.TryGetContiguous(out ContiguousGeometry geometry, out string? refusal);
        bool isAddress = !given.HasReservedBits;
        bool isRounded = !isUsable && isAddress && rmpEnd >= rmpBase && given.AsHardwareReads().TryGetContiguous(out geometry, out _);
        if (isAddress && rmpEnd < rmpBase) refusal = "RMP_END is below RMP_BASE.";
        Line(
            "rmp",
            isUsable ? "usable" : isRounded ? $"not aligned: {refusal}" : given.HasAddress ? $"unusable: {refusal}" : $"no RMP: {refusal}");
        Line("table", $"{Hex(rmpBase)} - {Hex(rmpEnd)}");
        if (isRounded)
        {
            Line(
                "hardware_table",
                $"{Hex(geometry.Base.Value)} - {Hex(geometry.End.Value)}  hardware looks at bits [51:13] of RMP_BASE and of RMP_END + 1; what follows is of this table");
        }

        if (isUsable || isRounded) Table(geometry, isRounded);
        else Nothing();
        Ram(geometry, ram);
    }

    private void Table(ContiguousGeometry geometry, bool isRounded)
    {
        ulong covered = Covered(geometry);
        Line("size", Size(geometry.StorageBytes));
        Line("covered", Size(covered));
        Line("first_uncovered", Hex(covered));
        Line("hardware", isRounded ? "not aligned: multiples of 8K are required" : "aligned: both ends are multiples of 8K");
        Line("firmware", Firmware(geometry, isRounded));
        Line("covers_itself", geometry.End.Value < covered ? "yes" : "no: firmware refuses it, the table's own pages need entries");
        Boundary("start", geometry.Base.Value);
        Boundary("end", geometry.End.Value + 1);
    }

    private void Nothing()
    {
        Line("covered", Size(0));
        Line("first_uncovered", Hex(0));
    }

    private static string Firmware(ContiguousGeometry geometry, bool isRounded)
    {
        if (((geometry.Base.Value | geometry.End.Value) >> LikelyEncryptionBit) != 0) return "refuses it: bit 51, the C-bit, is set";
        if (isRounded || geometry.Base.Value % FirmwareUnit != 0) return "refuses it: RMP_BASE is not a multiple of 1M";
        return geometry.StorageBytes % FirmwareUnit == 0
            ? "aligned: both ends are multiples of 1M"
            : "refuses it: the size is not a multiple of 1M";
    }

    /// <summary>A 2 MiB region that is half RMP, half RAM: it cannot be used as a large page.</summary>
    private void Boundary(string name, ulong at)
    {
        ulong inside = at & PageSize.Size2M.OffsetMask();
        ulong region = at - inside;
        ulong from = name == "start" ? region : at;
        ulong to = name == "start" ? at : region + PageSize.Size2M.Bytes();
        Line(name, inside == 0
            ? "on a 2M boundary"
            : $"inside the 2M region at {Hex(region)}: the rest of it, {Hex(from)} - {Hex(to - 1)}, cannot be part of a 2M RMPUPDATE or of a 2M host mapping; Linux reserves it");
    }

    private void Ram(ContiguousGeometry geometry, ulong? ram)
    {
        if (ram is not { } end) return;
        ulong covered = Covered(geometry);
        Line("ram", Size(end));
        if (end <= covered)
        {
            Line("uncovered", "none: all of it is covered");
            return;
        }

        Line("uncovered", Size(end - covered));
        if (end - 1 <= PhysicalAddress.ValidMask) Line("needed", $"{Size(Needed(end))}  the size of a table, in whole MiB, that covers it");
        Line(
            "uncovered_range",
            $"{Hex(covered)} - {Hex(end - 1)}  always the hypervisor's, never a guest's: RMPUPDATE returns 1 FAIL_INPUT; Linux does without SNP");
    }

    private static ulong Needed(ulong end)
    {
        ulong bytes = ContiguousGeometry.Covering(default, end).StorageBytes;
        return (bytes + FirmwareUnit - 1) & ~(FirmwareUnit - 1);
    }

    private static ulong Covered(ContiguousGeometry geometry) => geometry.CoveredPages << PageSize.Size4K.Shift();

    private static string Size(ulong bytes) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"0x{bytes:x} ({Math.Round((decimal)bytes / (1UL << GibShift), 3, MidpointRounding.ToEven):F3} GiB)");

    private static string Hex(ulong value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private void Line(string name, string value) => output.WriteLine($"{name}: {value}");
}
