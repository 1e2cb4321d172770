using System;
using FastRmp.Internals;
using FastRmp.Paging;

namespace FastRmp;

/// <content>What is loaded into the processor, and what instructions invalidate.</content>
public sealed partial class TranslationCache<TGeometry>
{
    private const int KeptRules = 32;
    private const int RulesShift = 32;
    private const int AsidShift = 16;
    private const ulong GlobalPagesBit = 1UL << 7; // CR4.PGE
    private const ulong FlushingBits = GlobalPagesBit | (1UL << 4) | (1UL << 5) | (1UL << 12); // and PSE, PAE, LA57
    private const ulong ProcessContextsBit = 1UL << 17; // CR4.PCIDE
    private const ushort HighestPcid = 0xFFF;
    private const byte HighestVmpl = 3;

    private readonly Rules[] _rules = new Rules[KeptRules];
    private Rules _loaded;
    private uint _nextRules;
    private uint _lastRules;

    /// <summary>The ASID that is loaded: 0 for the host.</summary>
    public ushort Asid => (ushort)(_key >> AsidShift);

    /// <summary>The PCID that is loaded.</summary>
    public ushort Pcid => (ushort)_key;

    /// <summary>Loads the host's registers, and keeps all translations: #VMEXIT, MOV CR3 with the no-flush bit, or a change of what walks
    /// judge by.</summary>
    /// <param name="state">The paging state.</param>
    /// <param name="pcid">CR3[11:0] with CR4.PCIDE, else 0.</param>
    /// <param name="globalPages">CR4.PGE.</param>
    /// <exception cref="ArgumentOutOfRangeException">The PCID is above 4095.</exception>
    /// <remarks>Of states that differ in more than the root (VMPL and keys, too), the last 32 are known; what was kept under another one is
    /// not found when it is loaded again.</remarks>
    public void LoadHost(in PagingState state, ushort pcid = 0, bool globalPages = true) =>
        Load(new Rules { Host = state, HasGlobalPages = globalPages }, 0, pcid);

    /// <summary>Loads a guest's registers, and keeps all translations: VMRUN with TLB_CONTROL 0, or what the guest writes as in
    /// <see cref="LoadHost"/>.</summary>
    /// <param name="state">The guest's paging and the nested.</param>
    /// <param name="asid">The guest, not 0.</param>
    /// <param name="vmpl">Its VMPL, 0 to 3; of an SNP guest.</param>
    /// <param name="pcid">The guest's CR3[11:0] with CR4.PCIDE, else 0.</param>
    /// <param name="globalPages">The guest's CR4.PGE.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ASID is 0, the VMPL above 3, or the PCID above 4095.</exception>
    /// <remarks>See <see cref="LoadHost"/>.</remarks>
    public void LoadGuest(in NestedPagingState state, ushort asid, byte vmpl = 0, ushort pcid = 0, bool globalPages = true)
    {
        ArgumentOutOfRangeException.ThrowIfZero(asid);
        if (vmpl > HighestVmpl) Throw.NoPrivilege(nameof(vmpl), "VMPL", vmpl);
        Load(new Rules { Nested = state, IsNested = true, Vmpl = vmpl, HasGlobalPages = globalPages }, asid, pcid);
    }

    /// <summary>MOV CR3 of the host: loads, and without the no-flush bit invalidates what the PCID has but global pages.</summary>
    /// <param name="state">The paging state with the new root.</param>
    /// <param name="pcid">CR3[11:0] with CR4.PCIDE, else 0.</param>
    /// <param name="noFlush">CR3[63] with CR4.PCIDE, else false.</param>
    /// <exception cref="ArgumentOutOfRangeException">The PCID is above 4095.</exception>
    /// <exception cref="InvalidOperationException">A guest is loaded: #VMEXIT is <see cref="LoadHost"/>.</exception>
    public void WriteCr3(in PagingState state, ushort pcid = 0, bool noFlush = false)
    {
        if (_loaded.IsNested) Throw.NotLoaded();
        Load(new Rules { Host = state, HasGlobalPages = _loaded.HasGlobalPages }, 0, pcid);
        if (!noFlush) Invalidate(TlbInvalidation.OfPcid(0, pcid));
    }

    /// <summary>MOV CR3 of the guest that is loaded: as that of the host.</summary>
    /// <param name="state">The guest's paging with the new root, and the nested.</param>
    /// <param name="pcid">The guest's CR3[11:0] with CR4.PCIDE, else 0.</param>
    /// <param name="noFlush">CR3[63] with CR4.PCIDE, else false.</param>
    /// <exception cref="ArgumentOutOfRangeException">The PCID is above 4095.</exception>
    /// <exception cref="InvalidOperationException">No guest is loaded.</exception>
    public void WriteGuestCr3(in NestedPagingState state, ushort pcid = 0, bool noFlush = false)
    {
        if (!_loaded.IsNested) Throw.NotLoaded();
        ushort asid = Asid;
        Load(new Rules { Nested = state, IsNested = true, Vmpl = _loaded.Vmpl, HasGlobalPages = _loaded.HasGlobalPages }, asid, pcid);
        if (!noFlush) Invalidate(TlbInvalidation.OfPcid(asid, pcid));
    }

    /// <summary>MOV CR4 of what is loaded: invalidates everything of the ASID if PGE, PSE, PAE or LA57 changes or PCIDE is cleared. What
    /// other bits change is in the state that is loaded next.</summary>
    /// <param name="before">CR4 until now.</param>
    /// <param name="after">CR4 from now on.</param>
    public void WriteCr4(ulong before, ulong after)
    {
        if (((before ^ after) & FlushingBits) != 0 || (before & ~after & ProcessContextsBit) != 0)
        {
            Invalidate(TlbInvalidation.OfAsid(Asid));
        }

        Rules rules = _loaded;
        rules.HasGlobalPages = (after & GlobalPagesBit) != 0;
        if (_own != Interrupted) Load(rules, Asid, Pcid);
    }

    /// <summary>INVLPG: the page in the PCID that is loaded, and as a global one of its ASID.</summary>
    /// <param name="address">Any address in the page.</param>
    public void InvalidatePage(VirtualAddress address) => Invalidate(TlbInvalidation.OfPage(address, Asid, Pcid));

    /// <summary>Invalidates on this processor: INVLPGA, INVPCID, TLB_CONTROL of VMRUN. On all of a domain:
    /// <see cref="TlbDomain.Invalidate"/>.</summary>
    /// <param name="what">Which translations.</param>
    public void Invalidate(in TlbInvalidation what)
    {
        Forget(what);
        Catch();
    }

    private void Load(in Rules rules, ushort asid, ushort pcid)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pcid, HighestPcid);
        uint number = NumberOf(rules);
        _loaded = rules;
        _key = ((ulong)number << RulesShift) | ((ulong)asid << AsidShift) | pcid;
        _own = NumberOf(_key);
        Catch();
    }

    /// <summary>The number of rules, a new one if they are not among the last that were loaded: what was found by them is not found again,
    /// then.</summary>
    private uint NumberOf(in Rules rules)
    {
        foreach (ref readonly Rules known in _rules.AsSpan())
        {
            if (known.Number != 0 && known.AreThoseOf(rules)) return known.Number;
        }

        if (_lastRules == uint.MaxValue) ForgetRules();
        ref Rules place = ref _rules[_nextRules++ % KeptRules];
        place = rules;
        place.Number = ++_lastRules;
        return place.Number;
    }

    /// <summary>Numbers begin anew: nothing is left that was found by rules that had them before.</summary>
    private void ForgetRules()
    {
        Array.Clear(_rules);
        Array.Clear(_first);
        Array.Clear(_second);
        Array.Clear(_contexts);
        _secondHasParts = false;
        _firstHasParts = false;
        _lastContext = 0;
        _lastRules = 0;
    }

    /// <summary>All that a verdict depends on but the tables, the ASID and the RMP.</summary>
    private struct Rules
    {
        internal PagingState Host;
        internal NestedPagingState Nested;
        internal uint Number; // 0: none
        internal byte Vmpl;
        internal bool IsNested;
        internal bool HasGlobalPages;

        internal readonly bool AreThoseOf(in Rules other) =>
            IsNested == other.IsNested && Vmpl == other.Vmpl && HasGlobalPages == other.HasGlobalPages
            && (IsNested ? Nested.HasRulesOf(other.Nested) : Host.HasRulesOf(other.Host));
    }
}
