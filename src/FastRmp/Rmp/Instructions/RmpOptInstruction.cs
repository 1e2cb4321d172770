using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace FastRmp;

/// <summary>RMPOPT.</summary>
internal static class RmpOptInstruction
{
    private const ulong Suspect = RmpEntry.AssignedMask | RmpEntry.LockMask | RmpEntry.AsidMask; // of 0x3FF, a frozen base
    private const uint ChunkEntries = AssignedScan.ChunkWords / 2;
    private const ulong ChunkBytes = (ulong)ChunkEntries << 12;

    /// <summary>The whole instruction, and how many entries it read.</summary>
    internal static RmpOptResult Execute<TGeometry>(
        in RmpProtocol rmp, in TGeometry geometry, in ExecutionState processor, RmpOptCore core, ulong rax, ulong rcx, out uint entriesRead)
        where TGeometry : struct, IRmpGeometry
    {
        entriesRead = 0;
        RmpOptCore.Window window = core.Current;
        if (rmp.Optimizations is not { } record || processor.Asid != 0 || !window.Register.Enabled
            || !(geometry.IsSegmented || rmp.Choices.RmpOptOnContiguous))
        {
            return new RmpOptResult(RmpFault.InvalidOpcode, carryFlag: false);
        }

        if (!HostRules.MayExecute(processor)) return new RmpOptResult(HostRules.Refusal(processor).Fault, carryFlag: false);
        if (IsMalformed(rmp, rax, rcx)) return new RmpOptResult(RmpFault.GeneralProtection, carryFlag: false);
        if (rax > PhysicalAddress.ValidMask || !window.TryGetSlot(PhysicalAddress.Create(rax), out uint slot))
        {
            return new RmpOptResult(rmp.Choices.RmpOptOutsideWindowFaults ? RmpFault.GeneralProtection : RmpFault.None, carryFlag: false);
        }

        PhysicalAddress address = PhysicalAddress.Create(rax);
        if (record.IsCurrent(address, window.Stamp(slot))) return new RmpOptResult(RmpFault.None, carryFlag: true);
        return rcx == (ulong)RmpOptFunction.VerifyAndReport
            ? Verify(rmp, geometry, record, window, slot, address, out entriesRead)
            : default;
    }

    private static bool IsMalformed(in RmpProtocol rmp, ulong rax, ulong rcx) =>
        (rmp.Choices.RmpOptUnalignedFaults && (rax & PageSize.Size1G.OffsetMask()) != 0)
            || (rmp.Choices.RmpOptReservedFunctionFaults && rcx > (ulong)RmpOptFunction.Report);

    /// <summary>The part that looks at the entries. A method of its own, so that a report keeps its variables in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static RmpOptResult Verify<TGeometry>(
        in RmpProtocol rmp, in TGeometry geometry, RmpOptRecord record, RmpOptCore.Window window, uint slot, PhysicalAddress address,
        out uint entriesRead)
        where TGeometry : struct, IRmpGeometry
    {
        entriesRead = 0;
        ulong stamp = record.Begin(address);
        if (!record.IsVerified(address, stamp))
        {
            PageEntry region = LookAtRegion(rmp, geometry, address.AlignDown(PageSize.Size1G), out entriesRead);
            if (region != PageEntry.Passes) return new RmpOptResult(RmpFault.None, carryFlag: false, region == PageEntry.InMotion);
            record.SetVerified(address, stamp);
        }

        window.SetStamp(slot, stamp);
        bool holds = record.IsCurrent(address, stamp);
        return new RmpOptResult(RmpFault.None, holds, isContention: !holds); // an RMPUPDATE came in between
    }

    /// <summary>Whether no entry of a 1 GiB region is assigned or locked; a locked one may be about to be assigned.</summary>
    private static PageEntry LookAtRegion<TGeometry>(in RmpProtocol rmp, in TGeometry geometry, PhysicalAddress start, out uint entriesRead)
        where TGeometry : struct, IRmpGeometry
    {
        const uint RegionEntries = (uint)RmpProtocol.LastSubpage + 1;
        entriesRead = 0;
        for (ulong offset = 0; offset < PageSize.Size1G.Bytes(); offset += PageSize.Size2M.Bytes())
        {
            if (offset % ChunkBytes == 0 && IsFreeChunk(rmp, geometry, start + offset))
            {
                entriesRead += ChunkEntries;
                offset += ChunkBytes - PageSize.Size2M.Bytes();
                continue;
            }

            if (!geometry.TryGetIndex(start + offset, out nuint index))
            {
                if (rmp.Choices.RmpOptUncoveredIsAssigned) return PageEntry.Fails;
                continue;
            }

            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<RmpEntry, ulong>(rmp.Entries.Entries(index, (int)RegionEntries));
            if (AssignedScan.AnyOf(words, Suspect))
            {
                PageEntry region = LookAtEntries(rmp, index, out uint read);
                entriesRead += read;
                if (region != PageEntry.Passes) return region;
            }
            else
            {
                entriesRead += RegionEntries;
            }
        }

        return PageEntry.Passes;
    }

    /// <summary>Whether a whole chunk is covered, its entries one after the other, and none of them to be looked at one by one: the common
    /// case, at the speed of memory.</summary>
    private static bool IsFreeChunk<TGeometry>(in RmpProtocol rmp, in TGeometry geometry, PhysicalAddress start)
        where TGeometry : struct, IRmpGeometry
    {
        if (!geometry.TryGetIndex(start, out nuint first) || !geometry.TryGetIndex(start + (ChunkBytes - 1), out nuint last)
            || last - first != ChunkEntries - 1)
        {
            return false;
        }

        return !AssignedScan.AnyInStreams(
            MemoryMarshal.Cast<RmpEntry, ulong>(rmp.Entries.Entries(first, (int)ChunkEntries)), Suspect);
    }

    /// <summary>Classifies the entries of a 2 MiB region; a lock together with Immutable is one at rest. Each entry is read once: if it is
    /// neither assigned nor held at that moment, only an RMPUPDATE that reads the stamp later can change that.</summary>
    private static PageEntry LookAtEntries(in RmpProtocol rmp, nuint index, out uint entriesRead)
    {
        entriesRead = 0;
        for (nuint i = index; i <= index + RmpProtocol.LastSubpage; i++)
        {
            entriesRead++;
            LowQuadword low = Volatile.Read(ref rmp.Entries.Low(i));
            if (low.IsInMotion) return PageEntry.InMotion;
            if (low.IsAssigned) return PageEntry.Fails;
        }

        return PageEntry.Passes;
    }
}
