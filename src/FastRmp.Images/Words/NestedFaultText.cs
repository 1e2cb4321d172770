using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>EXITINFO1 of a nested page fault in words. Source: AMD64 APM vol. 2, 15.25.6 and 15.36.10; for the hypervisor's answer Linux's
/// KVM.</summary>
internal static class NestedFaultText
{
    private const string Odd = "note";

    internal static CodeField[] Fields(ulong value)
    {
        NestedPageFaultCode code = new(value);
        string absent = code.ReservedBit || code.Rmp
            ? "clear in spite of the bits below, which hardware reports of present translations alone"
            : "the nested page was not present";
        return
        [
            new("P", code.Present, "the nested translation was present", absent),
            new(
                "W", code.Write, code.PageTable && !code.Final ? "access to a guest page table, which counts as a write" : "write",
                code.Fetch ? "fetch" : "read or fetch"),
            new("U", code.User, "user access, as every nested walk is", "not a user access: only with guest-mode execute trap (GMET)"),
            new("RSV", code.ReservedBit, "a reserved bit was set in a nested entry", string.Empty),
            new("I/D", code.Fetch, "instruction fetch", string.Empty),
            new("RMP", code.Rmp, "an RMP check failed", string.Empty),
            new("final", code.Final, "on the final guest physical address", string.Empty),
            new("table", code.PageTable, "on an access to a guest page table", string.Empty),
            new("ENC", code.Encrypted, "private access (C-bit 1)", "shared access (C-bit 0), or a guest without SNP"),
            new("SIZEM", code.SizeMismatch, "size mismatch between PVALIDATE or RMPADJUST and the RMP", string.Empty),
            new("VMPL", code.Vmpl, "the permissions of the VMPL forbid it", string.Empty),
            new("SSS", code.ShadowStack, "supervisor shadow-stack access", string.Empty),
            new("reserved", code.HasReservedBits, CodeWords.Unknown(value & NestedPageFaultCode.ReservedMask), string.Empty),
        ];
    }

    /// <summary>What of a code hardware does not report together, and KVM's answer.</summary>
    internal static List<EntryField> Remarks(ulong value)
    {
        NestedPageFaultCode code = new(value);
        List<EntryField> remarks = [];
        if (code is { Final: true, PageTable: true })
        {
            remarks.Add(new(Odd, "impossible: bit 32 (final) and bit 33 (table) are both set; hardware sets one of them"));
        }

        if (code is { Final: false, PageTable: false })
        {
            remarks.Add(
                new(Odd,
                "neither bit 32 (final) nor bit 33 (table) is set: no access of an ordinary walk, but the operand of an instruction such as PVALIDATE"));
        }

        if (code is { Fetch: true, Write: true, PageTable: false })
        {
            remarks.Add(new(Odd, "I/D and W exclude each other: an access is one or the other"));
        }

        if (code is { PageTable: true, Final: false, Write: false })
        {
            remarks.Add(new(Odd, "table without W: accesses to guest page tables count as writes"));
        }

        if (code is { Present: false, ReservedBit: true })
        {
            remarks.Add(new(Odd, "RSV without P: so QEMU's emulator reports a reserved bit; hardware sets P with it"));
        }

        if (code is { Present: false, Rmp: true })
        {
            remarks.Add(new(Odd, "RMP without P: RMP checks come after a translation that succeeded"));
        }

        if (code is { Rmp: true, ReservedBit: true })
        {
            remarks.Add(new(Odd, "RMP with RSV: RMP checks come after those of the nested tables have passed"));
        }

        if (!code.Rmp && (code.SizeMismatch || code.Vmpl)) remarks.Add(new(Odd, "SIZEM or VMPL without RMP: both are RMP checks"));
        if (code is { Vmpl: true, Encrypted: false })
        {
            remarks.Add(new(Odd, "VMPL without ENC: permissions of a VMPL are checked on private accesses alone"));
        }

        if (code is { Encrypted: false } && (code.Fetch || code.PageTable))
        {
            remarks.Add(new(Odd, "ENC is clear, so it is not an SNP guest: an SNP guest's fetches and table accesses are always private"));
        }

        remarks.Add(new("kvm", Kvm(code)));
        return remarks;
    }

    internal static string Meaning(ulong value)
    {
        NestedPageFaultCode code = new(value);
        string access = Access(code);
        if (!code.Rmp) return $"{Ordinary(code, access)}; the RMP is not involved";
        if (code.SizeMismatch)
        {
            return "PVALIDATE or RMPADJUST of 4K met a 2M page of the RMP: the host has to PSMASH the region and map it with 4K";
        }

        if (code.Vmpl)
        {
            return $"the page is the guest's and validated, but its VMPL lacks the permission for {access}: RMPADJUST by a more privileged VMPL gives it";
        }

        if (!code.Encrypted)
        {
            return IsWrite(code)
                ? $"a shared write to a page that is not the hypervisor's{(code is { PageTable: true, Final: false } ? " by an access to a guest page table" : string.Empty)}: it is assigned, or shares a 2M mapping with an assigned one"
                : $"{access}: the RMP does not check such accesses, so what it refused is the walker's marking of Accessed in a nested table that is not the hypervisor's";
        }

        return code.Final || code.PageTable
            ? $"a private access to a page that is not the guest's ({access}): not assigned to its ASID, assigned at another guest address, immutable, or of another size than the nested mapping"
            : "PVALIDATE, RMPADJUST or RMPQUERY on a page that is not the guest's: not assigned to its ASID, assigned at another guest address, immutable, or mapped with another size";
    }

    private static bool IsWrite(NestedPageFaultCode code) => code is { Write: true, Fetch: false };

    private static string Access(NestedPageFaultCode code)
    {
        // Without ENC a fetch or a table access is one of a guest without SNP, where nothing is private or shared.
        bool isTable = code is { PageTable: true, Final: false };
        string who = code.Encrypted ? "a private" : code.Fetch ? "a" : "a shared";
        if (isTable) return code.Encrypted ? "a private access to a guest page table" : "an access to a guest page table";
        string stack = code.ShadowStack ? " shadow-stack" : string.Empty;
        if (code is { Fetch: true, Write: true }) return $"{who}{stack} access that is said to be both fetch and write";
        return $"{who}{stack} {(code.Fetch ? "fetch" : code.Write ? "write" : "read")}";
    }

    private static string Ordinary(NestedPageFaultCode code, string access)
    {
        if (code.ReservedBit) return $"{access} that met a reserved bit in a present nested entry";
        if (!code.Present)
        {
            return $"{access} of a guest address that the nested tables do not map: the first touch of the {(code is { PageTable: true, Final: false } ? "table" : "page")}, or the host took the mapping away";
        }

        if (code is { PageTable: true, Final: false }) return $"{access} that the nested tables map without R/W or without U/S";
        return code switch
        {
            { Fetch: true, Write: true } => $"{access}, which the rights of the nested mapping forbid",
            { Fetch: true } => $"{access} that the nested tables forbid: NX, or U/S = 0, or with GMET U/S = 1",
            { Write: true } => $"{access} that the nested tables forbid: R/W = 0 or U/S = 0",
            _ => $"{access} that the nested tables forbid: U/S = 0",
        };
    }

    /// <summary>What KVM does with the fault of an SNP guest: ENC alone decides between private and shared.</summary>
    private static string Kvm(NestedPageFaultCode code)
    {
        string view = code.Encrypted ? "private by ENC" : "shared, for ENC is clear";
        if (code.ReservedBit)
        {
            return code.Encrypted
                ? $"{view}; a reserved bit: a warning, and the ioctl fails with EFAULT"
                : $"{view}; a reserved bit: taken for MMIO";
        }

        (string other, int flags) = code.Encrypted ? ("shared", 8) : ("private", 0);
        string rmp = !code.Rmp
            ? string.Empty
            : code.Encrypted
            ? "; then the RMP: PSMASH if the entry is of 2M, else spurious"
            : "; then a warning: RMP faults are expected of private pages alone";
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{view}: memory fault exit with flags {flags} if the page's attribute is {other}, else the page is mapped{rmp}");
    }
}
