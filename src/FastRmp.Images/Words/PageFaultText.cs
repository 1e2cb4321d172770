using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>The error code of #PF in words. Source: AMD64 APM vol. 2, 8.2.15 and 15.36.</summary>
internal static class PageFaultText
{
    private const string Odd = "note";

    internal static CodeField[] Fields(ulong value)
    {
        PageFaultErrorCode code = new(value);
        string absent = code.ReservedBit || code.ProtectionKey || code.Rmp || code.Sgx
            ? "clear in spite of the bits below, which hardware reports of present translations alone"
            : "the page was not present";
        return
        [
            new("P", code.Present, "the translation was present", absent),
            new("W/R", code.Write, "write", code.Fetch ? "fetch" : "read or fetch"),
            new("U/S", code.User, "in user mode", "in supervisor mode"),
            new("RSV", code.ReservedBit, "a reserved bit was set in a paging entry", string.Empty),
            new("I/D", code.Fetch, "instruction fetch", string.Empty),
            new("PK", code.ProtectionKey, "a protection key denied the access", string.Empty),
            new("SS", code.ShadowStack, "shadow-stack access", string.Empty),
            new("SGX", code.Sgx, "SGX violation (Intel only)", string.Empty),
            new("RMP", code.Rmp, "the RMP denied the access", string.Empty),
            new("reserved", code.HasReservedBits, CodeWords.Unknown(value & PageFaultErrorCode.ReservedMask), string.Empty),
        ];
    }

    /// <summary>What of a code hardware does not report together.</summary>
    internal static List<EntryField> Remarks(ulong value)
    {
        PageFaultErrorCode code = new(value);
        List<EntryField> remarks = [];
        if (code is { Fetch: true, Write: true }) remarks.Add(new(Odd, "I/D and W/R exclude each other: an access is one or the other"));
        if (code is { Present: false, ReservedBit: true })
        {
            remarks.Add(new(Odd, "RSV without P: so QEMU's emulator reports a reserved bit; hardware sets P with it"));
        }

        if (code is { Present: false, ProtectionKey: true }) remarks.Add(new(Odd, "PK without P: a page that is not present has no key"));
        if (code is { Present: false, Rmp: true })
        {
            remarks.Add(new(Odd, "RMP without P: RMP checks come after a translation that succeeded"));
        }

        if (code is { Present: false, Sgx: true }) remarks.Add(new(Odd, "SGX without P: SGX judges accesses that paging allows"));
        if (code is { Fetch: true, ProtectionKey: true }) remarks.Add(new(Odd, "PK with I/D: protection keys do not concern fetches"));
        if (code is { Rmp: true } && (code.ReservedBit || code.ProtectionKey))
        {
            remarks.Add(new(Odd, "RMP with RSV or PK: RMP checks come after those of the page tables have passed"));
        }

        if (code is { ShadowStack: true, Fetch: true })
        {
            remarks.Add(new(Odd, "SS with I/D: a shadow-stack access is a read or a write of data"));
        }

        return remarks;
    }

    internal static string Meaning(ulong value)
    {
        PageFaultErrorCode code = new(value);
        string access = $"{(code.User ? "user" : "kernel")} {Access(code)}";
        if (code.Rmp) return Rmp(code, access);
        return $"{Ordinary(code, access)}; the RMP is not involved";
    }

    private static string Access(PageFaultErrorCode code)
    {
        string stack = code.ShadowStack ? "shadow-stack " : string.Empty;
        if (code.Fetch && code.Write) return $"{stack}access that is said to be both fetch and write";
        return stack + (code.Fetch ? "fetch" : code.Write ? "write" : "read");
    }

    private static string Rmp(PageFaultErrorCode code, string access) => code switch
    {
        { Fetch: false, Write: true } =>
            $"a {access} to memory that is not the hypervisor's, through this mapping: the page, or with a 2M or 1G mapping any of the 512 pages of its region, is assigned; or a running guest uses it. It may be spurious if the entry was being changed",
        _ =>
            $"an RMP violation of a {access}: the RMP does not check such accesses of a host, so what it refused is the walker's marking of Accessed or Dirty in a page table that is not the hypervisor's",
    };

    private static string Ordinary(PageFaultErrorCode code, string access)
    {
        if (code.Sgx) return $"a {access} that Intel's SGX refused";
        if (code.ReservedBit) return $"a {access} that met a reserved bit in a present paging entry";
        if (code.ProtectionKey) return $"a {access} that the page's protection key forbids";
        if (!code.Present) return $"a {access} of an address that no present page maps";
        if (code.ShadowStack) return $"a {access} of a page that is not a shadow stack, or whose rights forbid it";
        return code switch
        {
            { Fetch: true, Write: true } => $"a {access}, which the rights of the mapping forbid",
            { Fetch: true, User: true } => $"a {access} from a page that is no-execute (NX) or the supervisor's (U/S = 0)",
            { Fetch: true } => $"a {access} from a page that is no-execute (NX), or the user's (U/S = 1) with CR4.SMEP",
            { Write: true, User: true } => $"a {access} to a page that is read-only (R/W = 0) or the supervisor's (U/S = 0)",
            { Write: true } => $"a {access} to a page that is read-only (R/W = 0), or the user's (U/S = 1) with CR4.SMAP",
            { User: true } => $"a {access} of a page that is the supervisor's (U/S = 0)",
            _ => $"a {access} of a page that is the user's (U/S = 1) with CR4.SMAP; or a fetch where fetches are not reported",
        };
    }
}
