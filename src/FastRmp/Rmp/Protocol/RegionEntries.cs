using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace FastRmp;

/// <summary>The 511 sub-entries of a region, several at once, for a 2 MiB instruction that has taken the base (rule 5).</summary>
/// <remarks>A quadword is read or written whole, and each method writes it once; between quadwords there is no order, neither in a vector
/// nor among vectors. Each method changes either low quadwords or high ones. It may write back the others as they were, where no other
/// thread writes them meanwhile. Callers have a fence between two methods. Where there are no vectors at all, the loops before theirs
/// do everything: the runtime's substitute for a vector takes several times as long as its quadwords.</remarks>
internal static class RegionEntries
{
    private const int Words = 2 * PageArithmetic.EntriesPerTable;
    private const int PageShift = 12;
    private const int Unrolled = 32; // quadwords of a turn with 256-bit vectors, of which a turn with one is bound by its loop

    /// <summary>The first quadword that is in a vector; those before it are one by one.</summary>
    private static int Lanes => Vector512.IsHardwareAccelerated ? Vector512<ulong>.Count
        : Vector128.IsHardwareAccelerated ? Vector256<ulong>.Count : Words;

    /// <summary>The bits that are set in any sub-entry.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static RmpEntry Union(EntryStore entries, nuint baseIndex)
    {
        ref ulong first = ref entries.Low(baseIndex);
        ulong low = 0;
        ulong high = 0;
        for (nint i = 2; i < Lanes; i += 2)
        {
            low |= Unsafe.Add(ref first, i);
            high |= Unsafe.Add(ref first, i + 1);
        }

        if (!Vector128.IsHardwareAccelerated) return new RmpEntry(low, high);
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> seen = Wide(ref first, 8) | Wide(ref first, 16) | Wide(ref first, 24);
            for (nint i = 32; i < Words; i += 32)
            {
                ref ulong at = ref Unsafe.Add(ref first, i);
                seen |= Wide(ref at, 0) | Wide(ref at, 8) | (Wide(ref at, 16) | Wide(ref at, 24));
            }

            Vector256<ulong> half = seen.GetLower() | seen.GetUpper();
            Vector128<ulong> all = half.GetLower() | half.GetUpper();
            return new RmpEntry(low | all[0], high | all[1]);
        }
        else
        {
            Vector256<ulong> seen = At(ref first, 4) | At(ref first, 8) | At(ref first, 12);
            Vector256<ulong> more = At(ref first, 16) | At(ref first, 20) | At(ref first, 24) | At(ref first, 28);
            for (nint i = 32; i < Words; i += 32)
            {
                ref ulong at = ref Unsafe.Add(ref first, i);
                seen |= At(ref at, 0) | At(ref at, 4) | (At(ref at, 8) | At(ref at, 12));
                more |= At(ref at, 16) | At(ref at, 20) | (At(ref at, 24) | At(ref at, 28));
            }

            seen |= more;
            Vector128<ulong> all = seen.GetLower() | seen.GetUpper();
            return new RmpEntry(low | all[0], high | all[1]);
        }
    }

    /// <summary>Locks all sub-entries.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="holder">The instruction.</param>
    internal static void Lock(EntryStore entries, nuint baseIndex, ulong holder) =>
        Change(ref entries.Low(baseIndex), ~RmpEntry.GpaMask, ulong.MaxValue, RmpEntry.LockMask | holder, 0);

    /// <summary>Writes the high quadwords of all sub-entries, which are locked.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="high">What they become.</param>
    internal static void WriteHighs(EntryStore entries, nuint baseIndex, ulong high) =>
        Change(ref entries.Low(baseIndex), ulong.MaxValue, 0, 0, high);

    /// <summary>Writes all sub-entries, whose high quadwords are zero already.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="low">What the low quadwords become.</param>
    internal static void WriteLows(EntryStore entries, nuint baseIndex, ulong low) => Fill(ref entries.Low(baseIndex), low);

    /// <summary>Writes the low quadwords of all sub-entries and nothing else: from its own on, an entry may be changed by others.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="low">What they become; the guest address is that of the base entry, and each next one's is 4 KiB higher.</param>
    /// <param name="gpaMask">The bits of it that are stored: a sum beyond them wraps.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static unsafe void WriteRising(EntryStore entries, nuint baseIndex, ulong low, ulong gpaMask)
    {
        ref ulong first = ref entries.Low(baseIndex);
        ulong gpa = low & RmpEntry.GpaMask;
        ulong rest = low & ~RmpEntry.GpaMask;
        int end = Avx512F.IsSupported ? Vector512<ulong>.Count : Words;
        for (int i = 2; i < end; i += 2)
        {
            Volatile.Write(ref Unsafe.Add(ref first, i), rest | ((gpa + ((ulong)i / 2 << PageShift)) & gpaMask));
        }

        if (!Avx512F.IsSupported) return;
        Vector512<ulong> lows = Vector512.Create(ulong.MaxValue, 0, ulong.MaxValue, 0, ulong.MaxValue, 0, ulong.MaxValue, 0);
        Vector512<ulong> address = Vector512.Create(gpa) + ((Vector512<ulong>.Indices + Vector512.Create(8UL)) >>> 1 << PageShift);
        ulong* at = (ulong*)Unsafe.AsPointer(ref first); // Safety: pinned memory.
        for (int i = Vector512<ulong>.Count; i < Words; i += Vector512<ulong>.Count)
        {
            Avx512F.MaskStore(at + i, lows, Vector512.Create(rest) | (address & Vector512.Create(gpaMask)));
            address += Vector512.Create(4UL << PageShift);
        }
    }

    /// <summary>Keeps some bits of the low quadwords of all sub-entries and sets others.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="kept">The bits that stay.</param>
    /// <param name="set">The bits that are set.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void ChangeLows(EntryStore entries, nuint baseIndex, ulong kept, ulong set) =>
        Change(ref entries.Low(baseIndex), kept, ulong.MaxValue, set, 0);

    /// <summary>Whether some bits of the low quadwords of all sub-entries are those of the base entry, rising by a page from entry to
    /// entry.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="compared">The bits that count.</param>
    /// <param name="low">These bits of the base entry; the bits that count have no carry.</param>
    internal static bool LowsRise(EntryStore entries, nuint baseIndex, ulong compared, ulong low) =>
        Difference(ref entries.Low(baseIndex), compared, 0, low, 0, 1UL << PageShift) == 0;

    /// <summary>Whether the high quadwords of all sub-entries are the same.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="baseIndex">The base entry of the region.</param>
    /// <param name="high">What they are compared with.</param>
    internal static bool HighsAre(EntryStore entries, nuint baseIndex, ulong high) =>
        Difference(ref entries.Low(baseIndex), 0, ulong.MaxValue, 0, high, 0) == 0;

    /// <summary>The bits of any sub-entry, of those that count, that are not as expected.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Difference(ref ulong first, ulong maskLow, ulong maskHigh, ulong low, ulong high, ulong step)
    {
        ulong difference = 0;
        for (nint i = 2; i < Lanes; i += 2)
        {
            low += step;
            difference |= (Unsafe.Add(ref first, i) & maskLow) ^ low;
            difference |= (Unsafe.Add(ref first, i + 1) & maskHigh) ^ high;
        }

        if (!Vector128.IsHardwareAccelerated) return difference;
        low += step; // of the first entry of the first whole vector
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> mask = Each(maskLow, maskHigh);
            Vector512<ulong> expected = Each(low, high) + (Each(step, 0) * (Vector512<ulong>.Indices >>> 1));
            Vector512<ulong> rise = Each(4 * step, 0);
            Vector512<ulong> seen = Vector512<ulong>.Zero;
            seen |= (Wide(ref first, 8) & mask) ^ expected;
            expected += rise;
            seen |= (Wide(ref first, 16) & mask) ^ expected;
            expected += rise;
            seen |= (Wide(ref first, 24) & mask) ^ expected;
            expected += rise;
            for (nint i = 32; i < Words; i += 32)
            {
                ref ulong at = ref Unsafe.Add(ref first, i);
                seen |= (Wide(ref at, 0) & mask) ^ expected;
                expected += rise;
                seen |= (Wide(ref at, 8) & mask) ^ expected;
                expected += rise;
                seen |= (Wide(ref at, 16) & mask) ^ expected;
                expected += rise;
                seen |= (Wide(ref at, 24) & mask) ^ expected;
                expected += rise;
            }

            Vector256<ulong> half = seen.GetLower() | seen.GetUpper();
            Vector128<ulong> all = half.GetLower() | half.GetUpper();
            return difference | all[0] | all[1];
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Vector256<ulong> mask = Vector256.Create(maskLow, maskHigh, maskLow, maskHigh);
            Vector256<ulong> expected = Vector256.Create(low, high, low + step, high);
            Vector256<ulong> rise = Vector256.Create(2 * step, 0, 2 * step, 0);
            Vector256<ulong> seen = Vector256<ulong>.Zero;
            for (nint i = Vector256<ulong>.Count; i < Words; i += Vector256<ulong>.Count)
            {
                seen |= (At(ref first, i) & mask) ^ expected;
                expected += rise;
            }

            Vector128<ulong> all = seen.GetLower() | seen.GetUpper();
            return difference | all[0] | all[1];
        }
        else
        {
            Vector128<ulong> mask = Vector128.Create(maskLow, maskHigh);
            Vector128<ulong> expected = Vector128.Create(low, high);
            Vector128<ulong> rise = Vector128.Create(step, 0);
            Vector128<ulong> seen = Vector128<ulong>.Zero;
            for (nint i = Vector256<ulong>.Count; i < Words; i += Vector128<ulong>.Count)
            {
                seen |= (Unsafe.As<ulong, Vector128<ulong>>(ref Unsafe.Add(ref first, i)) & mask) ^ expected;
                expected += rise;
            }

            return difference | seen[0] | seen[1];
        }
    }

    /// <summary>Keeps some bits of all sub-entries and sets others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Change(ref ulong first, ulong keptLow, ulong keptHigh, ulong setLow, ulong setHigh)
    {
        if (keptLow != ulong.MaxValue || setLow != 0) ChangeOneByOne(ref first, 2, keptLow, setLow);
        if (keptHigh != ulong.MaxValue || setHigh != 0) ChangeOneByOne(ref first, 3, keptHigh, setHigh);

        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> kept = Each(keptLow, keptHigh);
            Vector512<ulong> set = Each(setLow, setHigh);
            for (nint i = Vector512<ulong>.Count; i < Words; i += Vector512<ulong>.Count)
            {
                Wide(ref first, i) = (Wide(ref first, i) & kept) | set;
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector256<ulong> kept = Vector256.Create(keptLow, keptHigh, keptLow, keptHigh);
            Vector256<ulong> set = Vector256.Create(setLow, setHigh, setLow, setHigh);
            for (nint i = Vector256<ulong>.Count; i < Unrolled; i += Vector256<ulong>.Count)
            {
                At(ref first, i) = (At(ref first, i) & kept) | set;
            }

            for (nint i = Unrolled; i < Words; i += Unrolled)
            {
                ref ulong at = ref Unsafe.Add(ref first, i);
                At(ref at, 0) = (At(ref at, 0) & kept) | set;
                At(ref at, 4) = (At(ref at, 4) & kept) | set;
                At(ref at, 8) = (At(ref at, 8) & kept) | set;
                At(ref at, 12) = (At(ref at, 12) & kept) | set;
                At(ref at, 16) = (At(ref at, 16) & kept) | set;
                At(ref at, 20) = (At(ref at, 20) & kept) | set;
                At(ref at, 24) = (At(ref at, 24) & kept) | set;
                At(ref at, 28) = (At(ref at, 28) & kept) | set;
            }
        }
    }

    /// <summary>The quadwords before the first vector, every second one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ChangeOneByOne(ref ulong first, nint from, ulong kept, ulong set)
    {
        for (nint i = from; i < Lanes; i += 2)
        {
            Unsafe.Add(ref first, i) = (Unsafe.Add(ref first, i) & kept) | set;
        }
    }

    /// <summary>Writes all sub-entries without reading them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(ref ulong first, ulong low)
    {
        for (nint i = 2; i < Lanes; i += 2)
        {
            Unsafe.Add(ref first, i) = low;
            Unsafe.Add(ref first, i + 1) = 0;
        }

        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> set = Each(low, 0);
            for (nint i = Vector512<ulong>.Count; i < Words; i += Vector512<ulong>.Count)
            {
                Wide(ref first, i) = set;
            }
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector256<ulong> set = Vector256.Create(low, 0, low, 0);
            for (nint i = Vector256<ulong>.Count; i < Unrolled; i += Vector256<ulong>.Count)
            {
                At(ref first, i) = set;
            }

            for (nint i = Unrolled; i < Words; i += Unrolled)
            {
                ref ulong at = ref Unsafe.Add(ref first, i);
                At(ref at, 0) = set;
                At(ref at, 4) = set;
                At(ref at, 8) = set;
                At(ref at, 12) = set;
                At(ref at, 16) = set;
                At(ref at, 20) = set;
                At(ref at, 24) = set;
                At(ref at, 28) = set;
            }
        }
    }

    /// <summary>The same two quadwords for each entry. By a choice of lanes, since the JIT puts eight variables together one by
    /// one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Each(ulong low, ulong high)
    {
        Vector512<ulong> lows = Vector512.Create(ulong.MaxValue, 0, ulong.MaxValue, 0, ulong.MaxValue, 0, ulong.MaxValue, 0);
        return Vector512.ConditionalSelect(lows, Vector512.Create(low), Vector512.Create(high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector256<ulong> At(ref ulong first, nint word) =>
        ref Unsafe.As<ulong, Vector256<ulong>>(ref Unsafe.Add(ref first, word));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Vector512<ulong> Wide(ref ulong first, nint word) =>
        ref Unsafe.As<ulong, Vector512<ulong>>(ref Unsafe.Add(ref first, word));
}
