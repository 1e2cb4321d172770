using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastRmp;

/// <summary>Looks for entries that may be an ASID's, by their low quadwords alone.</summary>
internal static class OwnerScan
{
    private const ulong Compared = RmpEntry.AssignedMask | RmpEntry.AsidMask;

    // 0x3FE and 0x3FF: a VM save area in use, and an entry that another thread holds
    private const ulong Hidden = RmpEntry.AssignedMask | ((ulong)RmpEntry.InUseAsid << RmpEntry.AsidShift);

    /// <summary>The first entry that is assigned and has this ASID, or one that hides the owner's.</summary>
    /// <param name="entries">The entries; other threads may change them.</param>
    /// <param name="asid">0 to 0x3FE.</param>
    /// <returns>Its index; -1 if there is none.</returns>
    internal static int IndexOfFirst(ReadOnlySpan<RmpEntry> entries, uint asid)
    {
        ulong wanted = RmpEntry.AssignedMask | ((ulong)asid << RmpEntry.AsidShift);
        ref ulong first = ref Unsafe.As<RmpEntry, ulong>(ref MemoryMarshal.GetReference(entries));
        for (int i = 0; i < entries.Length; i++)
        {
            ulong low = Unsafe.Add(ref first, 2 * i) & Compared;
            if (low == wanted || low >= Hidden) return i;
        }

        return -1;
    }
}
