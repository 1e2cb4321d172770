using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using FastRmp.Internals;
using FastRmp.Paging;

namespace FastRmp;

/// <summary>A processor's TLB with the RMP's verdicts in it: what an emulator asks before each access.</summary>
/// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
/// <remarks>
/// <para>One processor's, used by its thread alone; all caches of a table, and the table, by any threads at the same time.</para>
/// <para><see cref="TryTranslate"/> finds what <see cref="Access{TMemory}"/> and its siblings walked for: the walk's verdict on that
/// very kind of access, rights, keys and RMP together. Faults are not kept. Kept translations are tagged by ASID, PCID, VMPL and all that a
/// walk's judgement depends on but the tables themselves; so CR0.WP, CR4.SMEP and the like, PKRU and CPL need no invalidation.</para>
/// <para>A translation may be older than the tables, as a processor's may, until it is invalidated. A verdict is never older than the RMP:
/// as soon as an instruction on this table changes an entry of the 2 MiB region, on whatever thread, nothing found before counts any more,
/// and the access walks and is checked again. Another table over the same memory, in this process or another, is not seen. The checks of
/// tables on the way belong to the translation. <see cref="ModelChoices.RmpUpdateLeavesTlb"/> changes nothing here.</para>
/// <para>Two levels: the first is direct-mapped by 4 KiB pages, the second has four ways and holds 4 KiB and 2 MiB pages; of a 1 GiB page,
/// as processors with SNP do, the 2 MiB pieces that are touched. Everything is allocated at creation.</para>
/// <para>Source: AMD64 APM vol. 2, 5.5 and 15.36.</para>
/// </remarks>
public sealed partial class TranslationCache<TGeometry> : ITlbListener
    where TGeometry : struct, IRmpGeometry
{
    private const int SmallestSize = 16;
    private const int LargestSize = 1 << 20;
    private const ulong Interrupted = 0; // in no tag
    private const ulong LastContext = 0xFFF; // a tag has a page's address above it

    private readonly FirstEntry[] _first;
    private readonly nuint _firstMask;
    private readonly ulong[] _stamps;
    private ulong _context; // of the tags that are found; Interrupted, written by any thread, if invalidations have come

    private readonly ReverseMapTable<TGeometry>? _table;
    private readonly TlbDomain? _domain;
    private ulong _seen; // invalidations of the domain that were done

    /// <summary>Makes an empty cache.</summary>
    /// <param name="table">The RMP; null while SNP is not enabled: then nothing is checked.</param>
    /// <param name="entries">Translations in the first level, a power of two from 16 to 1,048,576; twice as many in the second. Each takes
    /// 32 bytes in the first and 48 in the second level.</param>
    /// <param name="domain">The processors that are invalidated together; null for none but this.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is no such power of two.</exception>
    /// <remarks>The first cache of a table is made while no other thread is inside an instruction: from then on instructions count their
    /// changes. Without a cache they do not.</remarks>
    public TranslationCache(ReverseMapTable<TGeometry>? table, int entries = 1024, TlbDomain? domain = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(entries, SmallestSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entries, LargestSize);
        if (!BitOperations.IsPow2(entries)) Throw.NoPowerOfTwo(nameof(entries), entries);
        _table = table;
        _first = new FirstEntry[entries];
        _firstMask = (nuint)entries - 1;
        _second = new SecondEntry[2 * entries];
        _setMask = (nuint)(2 * entries / Ways) - 1;
        _stamps = table is null ? new ulong[1] : table.Protocol.Changes.Watch();
        _domain = domain;
        _seen = domain is null ? 0 : domain.Add(this);
    }

    /// <summary>Finds where an access goes, if a walk has allowed that kind of access to that page and nothing has changed since.</summary>
    /// <param name="address">The linear address, a guest's or the host's, of one byte: an access that reaches two pages needs both.</param>
    /// <param name="access">What the access does; a constant costs least.</param>
    /// <param name="target">The system physical address; only if found.</param>
    /// <returns>Whether the access may happen. If not, walk: <see cref="Access{TMemory}"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTranslate(VirtualAddress address, MemoryAccess access, out PhysicalAddress target)
    {
        const ulong Offset = 0xFFF;

        // Safety: the mask keeps the index inside; a stamp's number was inside when the entry was made.
        ref FirstEntry entry = ref Unsafe.Add(
            ref MemoryMarshal.GetArrayDataReference(_first), (nuint)(address.Value >> FirstEntry.PageShift) & _firstMask);
        ulong tag = (address.Value & ~Offset) | Volatile.Read(ref _context);
        if (entry.Tag == tag && (entry.Allowed & BitOf(access)) != 0
            && Volatile.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_stamps), entry.StampNumber)) == entry.Stamp)
        {
            target = PhysicalAddress.CreateUnchecked(entry.Frame | (address.Value & Offset));
            return true;
        }

        return TryTranslateAgain(address, access, out target);
    }

    /// <inheritdoc/>
    void ITlbListener.Interrupt() => _ = Interlocked.Exchange(ref _context, Interrupted);

    /// <summary>A bit for each kind of access. What is no kind has one of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint BitOf(MemoryAccess access)
    {
        const uint Unknown = 3;
        uint kind = Math.Min((uint)access.Kind, Unknown);
        return 1U << (int)(kind | (access.IsUser ? 4U : 0) | (access.MayTouchUserPages ? 8U : 0) | (access.IsShadowStack ? 16U : 0));
    }

    /// <summary>A page in the first level. The tag has the context in its low bits; a context never comes again before all entries are
    /// cleared.</summary>
    private struct FirstEntry
    {
        internal const int PageShift = 12;

        internal ulong Tag;
        internal ulong Frame;
        internal ulong Stamp;
        internal uint Allowed;
        internal uint StampNumber;
    }
}
