using System;

namespace FastRmp.Reference;

/// <summary>KVM's handling of nested page faults, and the RMP instructions it issues for guest_memfd (rmp 9.2, 14, 15).</summary>
/// <remarks>The pseudo-code as it stands; it acts on the table. That a look-up which finds 4 KiB after a failed PSMASH zaps nothing was
/// read in the Linux patch series.</remarks>
public sealed class ReferenceKvm
{
    private const ulong PageBytes = 0x1000;
    private const ulong RegionBytes = 0x20_0000;

    private readonly ReferenceRmp _rmp;
    private readonly bool _isSnpGuest;
    private readonly uint _asid;

    /// <summary>KVM with one guest.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="isSnpGuest">Whether it is an SNP guest.</param>
    /// <param name="asid">Its ASID.</param>
    public ReferenceKvm(ReferenceRmp rmp, bool isSnpGuest, uint asid)
    {
        _rmp = rmp;
        _isSnpGuest = isSnpGuest;
        _asid = asid;
    }

    /// <summary>NpfExit of rmp 14.</summary>
    /// <param name="error">EXITINFO1.</param>
    /// <param name="gpa">EXITINFO2.</param>
    /// <param name="frame">The frame.</param>
    /// <returns>What was done.</returns>
    public ReferenceKvmResult NpfExit(ulong error, ulong gpa, ReferenceGuestFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        bool isPrivate = _isSnpGuest && Has(error, 34);
        if (Has(error, 3)) return new ReferenceKvmResult(isPrivate ? "warning" : "mmio", 0, 0, 0, null, "", 0);
        ReferenceKvmResult verdict = MmuFault(gpa, isPrivate, frame);
        if (verdict.Verdict == "done" && Has(error, 31) && _isSnpGuest) return RmpFault(verdict, frame);
        return verdict;
    }

    private ReferenceKvmResult MmuFault(ulong gpa, bool isPrivate, ReferenceGuestFrame frame)
    {
        ReferenceKvmResult exit = new("memory fault", gpa / PageBytes * PageBytes, 4096, isPrivate ? 8UL : 0, null, "", 0);
        if (isPrivate != frame.IsPrivate) return exit;
        ReferencePageSize level = frame.Folio < frame.Even ? frame.Folio : frame.Even;
        if (isPrivate || frame.SharedFromMemfd)
        {
            if (!frame.HasMemfd || frame.Page is null) return exit;
            if (isPrivate)
            {
                if (!MakePrivate(gpa, frame.Page.Value, frame.Folio)) return exit;
                if (!IsLarge(frame.Page.Value)) level = ReferencePageSize.Size4K;
                else if (level == ReferencePageSize.Size1G) level = ReferencePageSize.Size2M;
            }
        }

        return new ReferenceKvmResult("done", 0, 0, 0, level, "", 0);
    }

    private ReferenceKvmResult RmpFault(ReferenceKvmResult verdict, ReferenceGuestFrame frame)
    {
        if (!frame.IsPrivate) return verdict with { Rmp = "warn shared" };
        if (frame.Page is not ulong page || !IsAssigned(page)) return verdict with { Rmp = "warn unassigned" };
        if (!IsLarge(page)) return verdict with { Rmp = "spurious" };
        bool smashed = Smash(page);
        if (!smashed && !IsLarge(page)) return verdict with { Rmp = "spurious" };
        return verdict with { Rmp = smashed ? "psmash" : "psmash failed", Zapped = 512 };
    }

    // rmp 15.1
    private bool MakePrivate(ulong gpa, ulong page, ReferencePageSize folio)
    {
        if (IsAssigned(page)) return true;
        bool large = folio != ReferencePageSize.Size4K;
        ulong region = page / RegionBytes * RegionBytes;
        for (ulong i = 0; i < 512 && large; i++) large = !IsAssigned(region + (i * PageBytes));
        ulong bytes = large ? RegionBytes : PageBytes;
        ReferenceUpdateInput input = new() { Assigned = true, Large = large, Asid = _asid, Gpa = gpa / bytes * bytes };
        return _rmp.Update(new ReferenceExecution(), page / bytes * bytes, input).Succeeded;
    }

    /// <summary>MakeShared of rmp 15.2.</summary>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page after the last.</param>
    /// <returns>Pages released, pages left assigned, RMPUPDATEs that succeeded, PSMASHs that did.</returns>
    public (long Released, long Leaked, long Updates, long Smashes) MakeShared(ulong start, ulong end)
    {
        (long released, long leaked, long updates, long smashes) = (0, 0, 0, 0);
        ulong page = start;
        while (page < end)
        {
            if (!IsAssigned(page))
            {
                page += PageBytes;
                continue;
            }

            bool large = page % RegionBytes == 0 && end - page >= RegionBytes && IsLarge(page);
            bool fits = true;
            if (!large && IsLarge(page))
            {
                fits = Smash(page);
                if (fits) smashes++;
            }

            if (fits) fits = _rmp.Update(new ReferenceExecution(), page, new ReferenceUpdateInput { Large = large }).Succeeded;
            if (fits) updates++;
            long pages = large ? 512 : 1;
            if (fits) released += pages;
            else leaked += pages;
            page += (ulong)pages * PageBytes;
        }

        return (released, leaked, updates, smashes);
    }

    private bool Smash(ulong page) => _rmp.PSmash(new ReferenceExecution(), page / RegionBytes * RegionBytes).Succeeded;

    private bool IsAssigned(ulong page) => !_rmp.HostMayWrite(page, ReferencePageSize.Size4K);

    private bool IsLarge(ulong page) => _rmp.Geometry.IsCovered(page) && (_rmp.ReadRaw(page / RegionBytes * RegionBytes).Low & 2) != 0;

    private static bool Has(ulong error, int bit) => ((error >> bit) & 1) != 0;
}
