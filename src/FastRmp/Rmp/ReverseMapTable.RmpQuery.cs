using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>RMPQUERY.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>RMPQUERY: a guest asks what a VMPL may do with a page.</summary>
    /// <param name="processor">The executing processor: CPL 0 of an SNP guest in 64-bit mode.</param>
    /// <param name="page">Where the guest virtual address leads.</param>
    /// <param name="targetVmpl">RDX[7:0]: the VMPL, not more privileged than the caller's.</param>
    /// <param name="output">The answer; default unless SUCCESS.</param>
    /// <returns>SUCCESS, FAIL_PERMISSION, #UD, #GP(0), a nested page fault or #VC. Changes nothing.</returns>
    /// <remarks>Source: AMD64 APM vol. 3, RMPQUERY. No Page-Size check; of a large page the base entry answers. Any threads.</remarks>
    public GuestResult RmpQuery(in ExecutionState processor, in NestedPage page, byte targetVmpl, out RmpQueryOutput output)
    {
        output = default;
        return MayQuery(processor, targetVmpl) ? Query(processor.Asid, page, targetVmpl, out output) : QueryRefusal(processor);
    }

    /// <summary>Whether RMPQUERY comes as far as the page: what is tested before the address is translated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool MayQuery(in ExecutionState processor, byte targetVmpl) =>
        Processor.HasRmpQuery && processor.Is64BitMode && MayExecuteInGuest(processor)
        && targetVmpl >= processor.Vmpl && targetVmpl <= MaxVmpl && (targetVmpl != processor.Vmpl || !Choices.RmpQueryRefusesOwnVmpl);

    /// <summary>Why <see cref="MayQuery"/> said no, in the instruction's order.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal GuestResult QueryRefusal(in ExecutionState processor)
    {
        if (!Processor.HasRmpQuery || !processor.Is64BitMode) return GuestResult.InvalidOpcode;
        return MayExecuteInGuest(processor) ? GuestResult.Fail(RmpStatus.FailPermission) : GuestRefusal(processor);
    }

    /// <summary>The instruction on a page that the address led to; nothing that <see cref="MayQuery"/> tests is tested again.</summary>
    internal GuestResult Query(uint asid, in NestedPage page, byte targetVmpl, out RmpQueryOutput output)
    {
        output = default;
        if (!_geometry.TryGetIndex(page.Spa, out nuint index)) return IsUncovered() ? GuestResult.NestedFault(InstructionFault) : default;
        ref ulong version = ref Version(index);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            ulong begun = Volatile.Read(ref version);
            nuint target = Attributes(index, out _);
            bool settled = TryReadEntry(target, target == index ? page.Spa : page.Spa.AlignDown(PageSize.Size2M), out RmpEntry entry) && Volatile.Read(ref version) == begun;
            if (!settled || (target != index && !IsLarge(entry.Low))) continue; // the region may have been smashed since its shape was read
            if (!IsGuestPage(entry.Low, asid, page.Gpa))
            {
                if (!IsMarked(entry.Low)) return NotTheGuests(entry.Low);
                ulong own = Owned(entry.Low, HolderOf(entry.Low, page.Spa));
                if (Volatile.Read(ref _entries.Low(target)) != entry.Low || Volatile.Read(ref version) != begun) continue;
                if (!IsGuestPage(own, asid, page.Gpa)) return NotTheGuests(entry.Low);
            }

            if (!entry.Validated) return GuestResult.NotValidated;
            output = new RmpQueryOutput(entry.PageSize, entry.PermissionsOf(targetVmpl), entry.Vmsa);
            return GuestResult.Success;
        }

        return GuestResult.NestedFault(InstructionFault, isContention: true);
    }
}
