namespace FastRmp.Reference;

/// <content>ASIDs, WBINVD and DF_FLUSH (rmp 12.3).</content>
public sealed partial class ReferenceFirmware
{
    private readonly ReferenceAsid[] _asids;

    /// <summary>On which core complexes WBINVD was done since the last ASID became dirty: a bit for each.</summary>
    public int Flushed { get; set; }

    /// <summary>All core complexes: a bit for each.</summary>
    public int AllComplexes => (1 << Platform.CoreComplexes) - 1;

    /// <summary>The state of an ASID.</summary>
    /// <param name="asid">1 to the highest.</param>
    /// <returns>The state.</returns>
    public ReferenceAsid AsidState(uint asid) => _asids[asid];

    /// <summary>Puts an ASID into a state.</summary>
    /// <param name="asid">1 to the highest.</param>
    /// <param name="state">The state.</param>
    public void SetAsidState(uint asid, ReferenceAsid state) => _asids[asid] = state;

    /// <summary>WBINVD on all core complexes.</summary>
    public void Wbinvd() => Flushed = AllComplexes;

    /// <summary>WBINVD on one core complex.</summary>
    /// <param name="complex">From 0; nothing happens on one that is not there.</param>
    public void Wbinvd(int complex)
    {
        if (complex >= 0 && complex < Platform.CoreComplexes) Flushed |= 1 << complex;
    }

    /// <summary>DF_FLUSH, SNP's or the legacy one: what is dirty becomes clean wherever WBINVD was done.</summary>
    /// <returns>WBINVD_REQUIRED if a core complex did without WBINVD.</returns>
    public ReferenceFirmwareStatus DfFlush()
    {
        for (uint asid = 1; asid <= Platform.HighestAsid; asid++)
        {
            ReferenceAsid old = _asids[asid];
            int cleaned = old.Dirty & Flushed;
            _asids[asid] = old with { Dirty = old.Dirty - cleaned, Clean = old.Clean | cleaned };
        }

        // A core complex that was left out is reported even where nothing was dirty (taught by AMD's firmware).
        return Flushed == AllComplexes ? Success : ReferenceFirmwareStatus.WbinvdRequired;
    }

    private bool IsClean(uint asid) => _asids[asid].Clean == AllComplexes;

    // A guest under launch allocates the ASID, one that runs uses it; what it has allocated until then it uses, too.
    private void Take(uint asid, int complexes, bool launching)
    {
        ReferenceAsid old = _asids[asid];
        _asids[asid] = launching
            ? old with { Clean = old.Clean & ~complexes, Allocated = old.Allocated | complexes }
            : old with { Clean = old.Clean & ~complexes, Allocated = old.Allocated & ~complexes, Used = old.Used | complexes };
    }

    // Allocated becomes clean again, used becomes dirty. Wherever the ASID was used, caches have to be written back anew.
    private void Release(uint asid, int complexes)
    {
        ReferenceAsid old = _asids[asid];
        int ran = old.Used & complexes;
        int waited = old.Allocated & complexes;
        _asids[asid] = new ReferenceAsid(old.Dirty | ran, old.Clean | waited, old.Allocated - waited, old.Used - ran);
        Flushed &= ~old.Used;
    }
}
