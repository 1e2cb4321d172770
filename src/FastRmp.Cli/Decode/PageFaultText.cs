using FastRmp.Layouts;

namespace FastRmp.Cli.Decode;

/// <summary>The error code of #PF in words. Source: AMD64 APM vol. 2, 8.2.15 and 15.36.</summary>
internal static class PageFaultText
{
    internal static CodeField[] Fields(ulong value)
    {
        PageFaultErrorCode code = new(value);
        return
        [
            new("P", code.Present, "the translation was present", "the page was not present"),
            new("W/R", code.Write, "write", "read or fetch"),
            new("U/S", code.User, "in user mode", "in supervisor mode"),
            new("RSV", code.ReservedBit, "a reserved bit was set in a paging entry", string.Empty),
            new("I/D", code.Fetch, "instruction fetch", string.Empty),
            new("PK", code.ProtectionKey, "a protection key forbade the access", string.Empty),
            new("SS", code.ShadowStack, "shadow-stack access", string.Empty),
            new("SGX", code.Sgx, "SGX violation (Intel only)", string.Empty),
            new("RMP", code.Rmp, "the RMP forbade the access", string.Empty),
            new("reserved", code.HasReservedBits, "reserved bits are set: hardware does not write such a code", string.Empty),
        ];
    }

    internal static string Meaning(ulong value)
    {
        PageFaultErrorCode code = new(value);
        string mode = code.User ? "user" : "kernel";
        string access = code.Fetch ? "fetch" : code.Write ? "write" : "read";
        if (!code.Rmp) return $"an ordinary page fault of a {mode} {access}; the RMP is not involved";
        return code.Write
            ? $"a {mode} write to memory that is not the hypervisor's, through this mapping: the page, or with a 2M or 1G mapping any of the 512 pages of its region, is assigned; or a running guest uses it. It may be spurious if the entry was being changed"
            : $"an RMP violation of a {mode} {access}: on a host only writes are checked, so this is the walker's write to a page table that is not the hypervisor's";
    }
}
