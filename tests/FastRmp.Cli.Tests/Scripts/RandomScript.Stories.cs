namespace FastRmp.Cli.Tests.Scripts;

/// <content>Several lines that belong together: random lines alone seldom form a valid sequence.</content>
internal sealed partial class RandomScript
{
    private string[] Story() => _random.Next(7) switch
    {
        0 or 1 => GuestPage(),
        2 => LaunchedPage(),
        3 => FirmwarePage(),
        4 => MovedPage(),
        5 => SmashedPage(),
        _ => ["enable", Say($"rmpupdate {Page()} {RmpSize()} 0 0 0 0"), Say($"fw page_reclaim {Page()} {RmpSize()}")],
    };

    /// <summary>Assigned, validated, shared with a lesser VMPL, used; and then perhaps swapped.</summary>
    private string[] GuestPage()
    {
        string size = RmpSize();
        ulong page = Aligned(size);
        string gpa = Gpa();
        int asid = _random.Next(1, 3);
        string access = Pick(["read", "write", "fetch", "table"]);
        return
        [
            Say($"rmpupdate {page:x} {size} 0 0 0 0"),
            Say($"rmpupdate {page:x} {size} 1 {asid} {gpa} 0"),
            Say($"pvalidate {asid} 0 {gpa} {page:x} {size} {size} 1"),
            Say($"guest {asid} 0 {_random.Next(4)} {access} {Bit()} {gpa} {page:x} {size}"),
            Say($"rmpadjust {asid} 0 {gpa} {page:x} {size} {size} 1 0x{_random.Next(32):x} {Bit()}"),
            Say($"guest {asid} 1 {_random.Next(4)} {access} 1 {gpa} {page:x} {size}"),
            Say($"guest {asid} 1 {_random.Next(4)} fetch 1 {gpa} {page:x} {size}"),
            Say($"rmpadjust {asid} 1 {gpa} {page:x} {size} {size} 2 0x{_random.Next(32):x} 1"),
            Say($"rmpquery {asid} {_random.Next(3)} {gpa} {page:x} {_random.Next(4)}"),
            Say($"rmpupdate {page:x} {size} 1 {asid} {gpa} {Bit()}"),
            Say($"fw swap_out {page:x} {size}"),
            Say($"fw swap_in {page:x} {size} {gpa} {Bit()} {Bit()} 0x1f {_random.Next(33)} 1 3"),
            Say($"state {page:x}"),
            Say($"fw page_reclaim {page:x} {size}"),
            Say($"entry {page:x}"),
        ];
    }

    private string[] LaunchedPage()
    {
        string size = RmpSize();
        ulong page = Aligned(size);
        return
        [
            Say($"rmpupdate {page:x} {size} 0 0 0 0"),
            Say($"rmpupdate {page:x} {size} 1 {_random.Next(1, 3)} {Gpa()} 1"),
            Say(
                $"fw launch_update {page:x} {size}{(Chance(3) ? " vmsa" : string.Empty)}{(Chance(2) ? $" {_random.Next(33)} 1 0x1f" : string.Empty)}"),
            Say($"entry {page:x}"),
            Say($"fw activate {_random.Next(4)}"),
        ];
    }

    /// <summary>A guest context, and metadata that names it.</summary>
    private string[] FirmwarePage()
    {
        ulong context = Aligned("4k");
        ulong metadata = context ^ 0x1000;
        return
        [
            Say($"rmpupdate {context:x} 4k 0 0 0 0"),
            Say($"rmpupdate {metadata:x} 4k 0 0 0 0"),
            Say($"rmpupdate {context:x} 4k 1 0 0 1"),
            Say($"rmpupdate {metadata:x} 4k 1 0 0 1"),
            Say($"fw gctx_create {context:x}"),
            Say($"fw launch_start {context:x}"),
            Say($"fw activate {_random.Next(1, 4)} {context:x}"),
            Say($"fw {(Chance(2) ? "launch_finish" : "guest_status")} {context:x}"),
            Say($"fw {(Chance(2) ? "md_init " : "swap_in ")}{metadata:x} {(Chance(2) ? "metadata " : string.Empty)}{context:x}"),
            Say($"fw swap_in {metadata:x} metadata {context:x}"),
            Say($"state {metadata:x}"),
            Say($"rmpupdate {context ^ 0x2000:x} 4k 1 {_random.Next(1, 3)} 7000 1"),
            Say($"fw swap_out {context ^ 0x2000:x} 4k gctx={context:x} entry={metadata + 0x40:x}"),
            Say($"fw swap_in {context ^ 0x2000:x} 4k gctx={context:x} entry={metadata + 0x40:x}"),
            Say($"fw guest_status {context:x}"),
            Say($"fw {(Chance(2) ? "swap_out" : "page_reclaim")} {metadata:x} 4k"),
            Say($"entry {metadata:x}"),
            Say($"fw decommission {context:x}"),
            Say($"fw asid {_random.Next(1, 4)}"),
            Chance(3) ? "fw df_flush" : "fw platform_status",
            Say($"fw page_reclaim {context:x} 4k"),
            Say($"state {context:x}"),
        ];
    }

    private string[] MovedPage()
    {
        ulong source = Aligned("4k");
        ulong target = source ^ 0x1000;
        int asid = _random.Next(1, 3);
        string gpa = Gpa();
        return
        [
            Say($"rmpupdate {source:x} 4k 0 0 0 0"),
            Say($"rmpupdate {target:x} 4k 0 0 0 0"),
            Say($"rmpupdate {source:x} 4k 1 {asid} {gpa} 0"),
            Chance(2) ? Say($"state {source:x}") : Say($"pvalidate {asid} 0 {gpa} {source:x} 4k 4k 1"),
            Say($"rmpupdate {source:x} 4k 1 {asid} {gpa} 1"),
            Say($"rmpupdate {target:x} 4k 1 {(Chance(5) ? 3 - asid : asid)} 7000 1"),
            Say($"fw page_move {source:x} {target:x} 4k"),
            Say($"entry {source:x}"),
            Say($"entry {target:x}"),
            Say($"count {asid}"),
        ];
    }

    private string[] SmashedPage()
    {
        ulong page = Aligned("2m");
        string gpa = Gpa();
        return
        [
            Say($"rmpupdate {page:x} 2m 0 0 0 0"),
            Say($"rmpupdate {page:x} 2m 1 1 {gpa} {(Chance(6) ? 1 : 0)}"),
            Say($"pvalidate 1 0 {gpa} {page:x} 2m 2m 1"),
            Say($"host write {page + 0x3000:x} {Pick(MappingSizes)}"),
            Say($"psmash {page:x}"),
            Say($"entry {page:x}"),
            Say($"entry {page + 0x1000:x}"),
            Say($"rmpupdate {page + 0x1000:x} 4k 0 0 0 0"),
            Say($"host write {page + 0x1000:x} {Pick(MappingSizes)}"),
            Say($"rmpread {page:x}"),
        ];
    }

    private ulong Aligned(string size)
    {
        Address();
        _page = size == "4k" ? _page : _page & ~0x1F_FFFFUL;
        return _page;
    }
}
