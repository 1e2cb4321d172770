using System;
using System.Runtime.CompilerServices;
using System.Threading;
using FastRmp.Paging;

namespace FastRmp;

/// <content>What is kept, and how it is found.</content>
public sealed partial class TranslationCache<TGeometry>
{
    private const int Ways = 4;
    private const int KeptContexts = 64;
    private const ulong GoldenRatio = 0x9E37_79B9_7F4A_7C15UL; // 2^64 by the golden ratio

    private readonly SecondEntry[] _second;
    private readonly nuint _setMask;
    private readonly Context[] _contexts = new Context[KeptContexts];
    private ulong _lastContext;
    private ulong _own; // the context of what is loaded; Interrupted if nothing is
    private ulong _key; // rules [63:32], ASID [31:16], PCID [15:0]
    private uint _victim;
    private bool _firstHasParts; // of pages that are larger than 4 KiB
    private bool _secondHasParts; // of pages that are larger than the entry

    /// <summary>The first level missed: invalidations that have come, then the second level.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryTranslateAgain(VirtualAddress address, MemoryAccess access, out PhysicalAddress target)
    {
        target = default;
        if (_own == Interrupted) return false;
        if (Volatile.Read(ref _context) != _own) Catch();
        return TryFind(address, PageSize.Size4K, access, ref target) || TryFind(address, PageSize.Size2M, access, ref target);
    }

    private bool TryFind(VirtualAddress address, PageSize size, MemoryAccess access, ref PhysicalAddress target)
    {
        ulong start = address.Value & ~size.OffsetMaskUnchecked();
        uint bit = BitOf(access);
        foreach (ref readonly SecondEntry entry in Set(start, size))
        {
            if (entry.Start != start || !IsOwn(entry) || entry.Size != size || (entry.Allowed & bit) == 0) continue;
            if (Volatile.Read(ref _stamps[entry.StampNumber]) != entry.Stamp) continue;
            AddFirst(address, entry);
            target = PhysicalAddress.CreateUnchecked(entry.Frame | (address.Value & size.OffsetMaskUnchecked()));
            return true;
        }

        return false;
    }

    /// <summary>Whether an entry is one of the context that is loaded: of its PCID, or global.</summary>
    private bool IsOwn(in SecondEntry entry) => ((entry.Key ^ _key) & (entry.IsGlobal ? ~(ulong)ushort.MaxValue : ulong.MaxValue)) == 0;

    private Span<SecondEntry> Set(ulong start, PageSize size)
    {
        nuint hash = (nuint)(((start >> size.ShiftUnchecked()) * GoldenRatio) >> 32);
        return _second.AsSpan((int)(hash & _setMask) * Ways, Ways);
    }

    /// <summary>Keeps what a walk found.</summary>
    private void Add(VirtualAddress address, MemoryAccess access, in SecondEntry found)
    {
        if (!EntryChanges.IsAtRest(found.Stamp)) return;
        Span<SecondEntry> set = Set(found.Start, found.Size);
        int place = -1;
        for (int i = 0; i < set.Length; i++)
        {
            ref SecondEntry entry = ref set[i];
            if (entry.Allowed == 0)
            {
                place = i;
            }
            else if (entry.Start == found.Start && entry.Key == found.Key && entry.Size == found.Size)
            {
                place = i;
                break;
            }
        }

        if (place < 0) place = (int)(_victim++ % Ways);
        ref SecondEntry kept = ref set[place];
        uint before = found.IsSameTranslation(kept) ? kept.Allowed : 0;
        kept = found;
        kept.Allowed = before | BitOf(access);
        _secondHasParts |= kept.Size < kept.PageSize;
        AddFirst(address, kept);
    }

    private void AddFirst(VirtualAddress address, in SecondEntry found)
    {
        ulong page = address.Value & ~PageSize.Size4K.OffsetMask();
        _firstHasParts |= found.PageSize != PageSize.Size4K;
        _first[(nuint)(address.Value >> FirstEntry.PageShift) & _firstMask] = new FirstEntry
        {
            Tag = page | _own,
            Frame = found.Frame | (page & found.Size.OffsetMaskUnchecked()),
            Stamp = found.Stamp,
            Allowed = found.Allowed,
            StampNumber = found.StampNumber,
        };
    }

    /// <summary>Forgets all that an invalidation means.</summary>
    private void Forget(in TlbInvalidation what)
    {
        if (what.HasAddress && !what.IncludesNested && !_secondHasParts && what.First == (what.Last & ~PageSize.Size4K.OffsetMask()))
        {
            _ = ForgetIn(Set(what.First, PageSize.Size4K), what);
            _ = ForgetIn(Set(what.First & ~PageSize.Size2M.OffsetMask(), PageSize.Size2M), what);
            if (!_firstHasParts)
            {
                // All contexts of a page have one place.
                ref FirstEntry entry = ref _first[(nuint)(what.First >> FirstEntry.PageShift) & _firstMask];
                if (((entry.Tag ^ what.First) & ~LastContext) == 0) entry = default;
                return;
            }
        }
        else
        {
            _secondHasParts = ForgetIn(_second, what);
        }

        ForgetFirst();
    }

    /// <returns>Whether parts of larger pages are left.</returns>
    private static bool ForgetIn(Span<SecondEntry> entries, in TlbInvalidation what)
    {
        bool hasParts = false;
        foreach (ref SecondEntry entry in entries)
        {
            if (entry.Allowed == 0) continue;
            ulong page = entry.Start & ~entry.PageSize.OffsetMaskUnchecked();
            if (what.Selects(entry.Asid, entry.Pcid, entry.IsGlobal, entry.IsNested, page, entry.PageSize)) entry.Allowed = 0;
            else hasParts |= entry.Size < entry.PageSize;
        }

        return hasParts;
    }

    /// <summary>Forgets the first level: no context has the number that it had.</summary>
    private void ForgetFirst()
    {
        Array.Clear(_contexts);
        _firstHasParts = false;
        if (_own != Interrupted) _own = NumberOf(_key);
    }

    private ulong NumberOf(ulong key)
    {
        ref Context context = ref _contexts[(key * GoldenRatio) >> 58];
        if (context.Number != 0 && context.Key == key) return context.Number;
        if (_lastContext == LastContext)
        {
            Array.Clear(_first);
            Array.Clear(_contexts);
            _lastContext = 0;
        }

        context = new Context { Key = key, Number = ++_lastContext };
        return context.Number;
    }

    /// <summary>Does what the domain was told, and lets the own context be found.</summary>
    /// <remarks>An invalidation that is counted after the last look at the number interrupts after the exchange.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Catch()
    {
        do
        {
            if (_domain is not null) CatchUp(_domain);
            _ = Interlocked.Exchange(ref _context, _own);
        }
        while (_domain is not null && _domain.Posted != _seen);
    }

    private void CatchUp(TlbDomain domain)
    {
        ulong posted = domain.Posted;
        ulong next = _seen;
        while (next != posted)
        {
            if (!domain.TryRead(++next, out TlbInvalidation what))
            {
                Forget(TlbInvalidation.Everything);
                break;
            }

            Forget(what);
        }

        _seen = posted;
    }

    /// <summary>The number that a context has in the tags of the first level.</summary>
    private struct Context
    {
        internal ulong Key;
        internal ulong Number;
    }

    /// <summary>A page, or a part of one, in the second level.</summary>
    private struct SecondEntry
    {
        internal ulong Start; // where it begins, linear or guest virtual
        internal ulong Frame; // the same, system physical
        internal ulong Stamp;
        internal ulong Key;
        internal uint Allowed; // 0: free
        internal uint StampNumber;
        internal PageSize Size;
        internal PageSize PageSize; // of the page, as the linear or guest's tables have it
        internal bool IsGlobal;
        internal bool IsNested;

        internal readonly uint Asid => (ushort)(Key >> 16);

        internal readonly uint Pcid => (ushort)Key;

        /// <summary>Whether what was allowed through another entry of the same place is allowed through this one, too.</summary>
        internal readonly bool IsSameTranslation(in SecondEntry other) => Start == other.Start && Frame == other.Frame
            && Stamp == other.Stamp && Key == other.Key && StampNumber == other.StampNumber && Size == other.Size
            && PageSize == other.PageSize && IsGlobal == other.IsGlobal && IsNested == other.IsNested;
    }
}
