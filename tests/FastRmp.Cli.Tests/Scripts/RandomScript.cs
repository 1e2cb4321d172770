using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Cli.Tests.Scripts;

/// <summary>Random scripts that stay on few pages, so that operations touch the same pages.</summary>
internal sealed partial class RandomScript(int seed)
{
    private static readonly string[] Models = ["milan", "genoa", "turin", "venice"];
    private static readonly string[] MappingSizes = ["4k", "2m", "1g"];
    private static readonly string[] Tables =
    [
        "rmp contiguous 100000 10fffff", "rmp contiguous 100000 1103fff", "rmp segmented 100000 36 0:4:10000000",
        "rmp segmented 100000 31 0:9:10000000 1:1:20000000",
    ];

    private readonly Random _random = new(seed);
    private ulong _page;

    /// <summary>A script that lays out a table, and then goes on at random.</summary>
    internal List<string> Lines(int count)
    {
        List<string> lines = [$"model {Models[_random.Next(2, 4)]}", Pick(Tables), "enable", "fw snp_init", "fw df_flush"];
        while (lines.Count < count)
        {
            foreach (string line in Chance(4) ? Story() : [Operation()])
            {
                lines.Add(_random.Next(200) == 0 ? Damaged(line) : line);
            }
        }

        return lines;
    }

    private string Operation() => _random.Next(34) switch
    {
        < 8 => Say($"rmpupdate {Page()} {RmpSize()} {(Chance(4) ? 0 : 1)} {(Chance(4) ? 0 : Asid())} {Gpa()} {(Chance(5) ? 1 : 0)}"),
        8 or 9 => Say($"rmpupdate {Page()} {RmpSize()} 0 0 0 0"),
        10 or 11 => Say($"psmash {Page()}"),
        12 or 13 or 14 => Say($"pvalidate {Asid()} {Rarely(3)} {PageOfGuest()} {Sizes()} {(Chance(4) ? 0 : 1)}"),
        15 or 16 =>
            Say(
                $"rmpadjust {Asid()} {Rarely(3)} {PageOfGuest()} {Sizes()} {(Chance(3) ? _random.Next(5) : 1)} 0x{_random.Next(34):x} {Bit()}"),
        17 => Say($"rmpquery {Asid()} {Rarely(3)} {PageOfGuest()} {_random.Next(5)}"),
        18 => Say($"rmpread {Page()}"),
        19 => Say($"rmpopt {Page()} {(Chance(2) ? "verify" : "report")}"),
        20 or 21 => Say($"host {(Chance(4) ? "read" : "write")} {Page()} {Pick(MappingSizes)}{(Chance(3) ? " user" : string.Empty)}"),
        22 or 23 =>
            Say(
                $"guest {Asid()} {(Chance(2) ? 1 : Rarely(3))} {_random.Next(4)} {Pick(["read", "write", "fetch", "table"])} {(Chance(4) ? 0 : 1)} {PageOfGuest()} {Pick(MappingSizes)}"),
        24 => Say($"inuse {Page()} {(Chance(4) ? '+' : '-')}"),
        25 => Say($"entry {Page()}"),
        26 => Say($"state {Page()}"),
        27 => Say($"count {_random.Next(4)}"),
        28 when Chance(8) => "enable",
        28 when Chance(20) => Chance(2) ? $"model {Pick(Models)}" : Pick(Tables),
        _ => Firmware(),
    };

    private string Firmware() => Chance(5) ? "fw " + OfGuest() : "fw " + _random.Next(16) switch
    {
        0 =>
            Say(
                $"snp_init{(Chance(2) ? " dram=0-7fffffff" : string.Empty)}{(Chance(2) ? " fixed=40001000-40002fff" : string.Empty)}{(Chance(2) ? " iommu=40201000-40201fff" : string.Empty)}"),
        1 => Say($"gctx_create {Page()}"),
        2 => Say($"decommission {Page()}"),
        3 => Say($"activate {_random.Next(4)}{(Chance(2) ? $" {Page()}" : string.Empty)}"),
        4 or 5 =>
            Say(
                $"launch_update {Page()} {RmpSize()}{(Chance(3) ? " vmsa" : string.Empty)}{(Chance(2) ? $" 1 {_random.Next(33)} 0x1f" : string.Empty)}"),
        6 => Say($"swap_out {Page()} {RmpSize()}"),
        7 => Say($"swap_in {Page()} {RmpSize()} {Gpa()} {Bit()} {Bit()} 0x1f {_random.Next(33)} 0 0"),
        8 => Say($"swap_in {Page()} metadata {Page()}"),
        9 or 10 => Say($"page_move {Page()} {Page()} {RmpSize()}"),
        11 => Say($"md_init {Page()} {Page()}"),
        12 => Say($"page_set_state {Page()}{(Chance(3) ? " 512" : string.Empty)}"),
        13 => Say($"page_reclaim {Page()} {RmpSize()}"),
        14 => Say($"page_unsmash {Page()}"),
        _ => Chance(20) ? Life() : Say($"page_reclaim {Page()} {RmpSize()}"),
    };

    /// <summary>The platform, from one state to another.</summary>
    private string Life() => _random.Next(10) switch
    {
        0 => "shutdown iommu",
        1 => "shutdown",
        2 =>
            Say(
                $"shutdown_ex{(Chance(2) ? " iommu" : string.Empty)}{(Chance(3) ? $" x86={Bit()}" : string.Empty)}{(Chance(6) ? " length=7" : string.Empty)}"),
        3 or 4 =>
            Say(
                $"init_ex init_rmp={Bit()}{(Chance(4) ? " iommu=40201000-40201fff" : string.Empty)}{(Chance(6) ? " fixed=40002000-40002fff aseg=a0000-bffff" : string.Empty)}"),
        5 => "snp_init",
        6 => Chance(3) ? "df_flush no-wbinvd" : "df_flush",
        7 => Chance(3) ? "sev_init" : "sev_shutdown",
        8 => "platform_status",
        _ => Say($"asid {_random.Next(5)}"),
    };

    /// <summary>A command that names a guest, or is about one.</summary>
    private string OfGuest() => _random.Next(12) switch
    {
        0 =>
            Say(
                $"launch_start {Page()}{(Chance(3) ? $" policy={_random.Next(16):x}0000" : string.Empty)}{(Chance(4) ? $" ma={Page()}" : string.Empty)}{(Chance(6) ? " imi" : string.Empty)}"),
        1 => Say($"launch_finish {Page()}"),
        2 => Say($"launch_update {Page()} {RmpSize()} {(Chance(2) ? Say($"type={_random.Next(8)}") : "type=zero")} gctx={Page()}"),
        3 =>
            Say(
                $"swap_out {Page()} {RmpSize()} gctx={Page()} entry={Address() & ~0x3FUL:x} dst={Page()}{(Chance(3) ? " type=vmsa" : string.Empty)}"),
        4 => Say($"swap_out {Page()} 4k{(Chance(2) ? " entry=root" : string.Empty)} dst={Page()}"),
        5 =>
            Say(
                $"swap_in {Page()} {RmpSize()} gctx={Page()}{(Chance(2) ? $" src={Page()}" : string.Empty)}{(Chance(3) ? " inplace" : string.Empty)}{(Chance(3) ? " type=metadata" : string.Empty)}"),
        6 => Say($"page_move {Page()} {Page()} {RmpSize()} gctx={Page()}"),
        7 =>
            Say(
                $"page_set_state {Page()} {_random.Next(600)} {Page()} {_random.Next(3)}{(Chance(8) ? " length=8" : string.Empty)}{(Chance(8) ? $" list={Page()}" : string.Empty)}"),
        8 => Say($"guest_status {Page()}"),
        _ => Life(),
    };

    // Two regions of which a few pages are used; at times the RMP itself, or an address that is odd or has no entry.
    private string Page() => Say($"{Address():x}");

    private ulong Address()
    {
        _page = 0x4000_0000UL + (Chance(2) ? 0x20_0000UL : 0) + (Chance(2) ? 0 : (ulong)_random.Next(4) * 0x1000);
        return _random.Next(60) switch { 0 => 0x10_0000UL, 1 => 0x20_0000UL, 2 => 0x1_2345_6000UL, 3 => _page + 0x800, _ => _page };
    }

    // Most guests have a page where they had it before: its guest address follows from the page named last.
    private string Gpa() => Say($"{(Chance(6) ? 0x20_0000UL * (ulong)_random.Next(1, 3) : _page - 0x3FE0_0000UL):x}");

    private string PageOfGuest()
    {
        string page = Page();
        return $"{Gpa()} {page}";
    }

    // The nested mapping and the operand, alike more often than not.
    private string Sizes()
    {
        string size = RmpSize();
        return $"{(Chance(4) ? Pick(MappingSizes) : size)} {size}";
    }

    private string RmpSize() => Chance(2) ? "4k" : "2m";

    private int Asid() => _random.Next(50) == 0 ? 0 : _random.Next(1, 3);

    private int Rarely(int limit) => Chance(6) ? _random.Next(limit + 1) : 0;

    private int Bit() => _random.Next(2);

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    private string Pick(string[] values) => values[_random.Next(values.Length)];

    private string Damaged(string line) => _random.Next(3) switch
    {
        0 => line + " 1",
        1 => line[..Math.Max(1, line.LastIndexOf(' '))],
        _ => line.Replace('4', 'z'),
    };

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
