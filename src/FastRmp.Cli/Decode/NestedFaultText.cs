using FastRmp.Layouts;

namespace FastRmp.Cli.Decode;

/// <summary>EXITINFO1 of a nested page fault in words. Source: AMD64 APM vol. 2, 15.25.6 and 15.36.10.</summary>
internal static class NestedFaultText
{
    internal static CodeField[] Fields(ulong value)
    {
        NestedPageFaultCode code = new(value);
        return
        [
            new("P", code.Present, "the nested translation was present", "the nested page was not present"),
            new("W", code.Write, "write, or access to a guest page table", "read or fetch"),
            new("U", code.User, "user access, as every nested walk is", string.Empty),
            new("RSV", code.ReservedBit, "a reserved bit was set in a nested entry", string.Empty),
            new("I/D", code.Fetch, "instruction fetch", string.Empty),
            new("RMP", code.Rmp, "an RMP check failed", string.Empty),
            new("final", code.Final, "on the final guest physical address", string.Empty),
            new("table", code.PageTable, "on an access to a guest page table", string.Empty),
            new("ENC", code.Encrypted, "private access (C-bit 1)", "shared access (C-bit 0)"),
            new("SIZEM", code.SizeMismatch, "size mismatch between PVALIDATE or RMPADJUST and the RMP", string.Empty),
            new("VMPL", code.Vmpl, "the permissions of the VMPL forbid it", string.Empty),
            new("SSS", code.ShadowStack, "supervisor shadow-stack access", string.Empty),
            new("reserved", code.HasReservedBits, "reserved bits are set: hardware does not write such a code", string.Empty),
        ];
    }

    internal static string Meaning(ulong value)
    {
        NestedPageFaultCode code = new(value);
        if (!code.Rmp) return "an ordinary nested page fault; the RMP is not involved";
        if (code.SizeMismatch) return "PVALIDATE or RMPADJUST of 4K met a 2M page of the RMP: the host has to PSMASH the region and map it with 4K";
        if (code.Vmpl) return "the page is the guest's and validated, but its VMPL lacks the permission: RMPADJUST by a more privileged VMPL gives it";
        if (!code.Encrypted) return "a shared write to a page that is not the hypervisor's: it is assigned, or shares a 2M mapping with an assigned one";
        return code.Final || code.PageTable
            ? "a private access to a page that is not the guest's: not assigned to its ASID, assigned at another guest address, immutable, or of another size than the nested mapping"
            : "PVALIDATE, RMPADJUST or RMPQUERY on a page that is not the guest's: not assigned to its ASID, assigned at another guest address, immutable, or mapped with another size";
    }
}
