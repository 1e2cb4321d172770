using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>RMPQUERY.</summary>
internal static class RmpQueryInstruction
{
    /// <summary>The tests of RMPQUERY before the address is translated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool May(in RmpProtocol rmp, in ExecutionState processor, byte targetVmpl) =>
        rmp.Processor.HasRmpQuery && processor.Is64BitMode && GuestRules.MayExecute(processor)
        && targetVmpl >= processor.Vmpl && targetVmpl <= GuestRules.MaxVmpl
        && (targetVmpl != processor.Vmpl || !rmp.Choices.RmpQueryRefusesOwnVmpl);

    /// <summary>The result if <see cref="May"/> refuses, in the instruction's order.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static GuestResult Refusal(in RmpProtocol rmp, in ExecutionState processor)
    {
        if (!rmp.Processor.HasRmpQuery || !processor.Is64BitMode) return GuestResult.InvalidOpcode;
        return GuestRules.MayExecute(processor) ? GuestResult.Fail(RmpStatus.FailPermission) : GuestRules.Refusal(processor);
    }

    /// <summary>The instruction on a page that the address led to; nothing that <see cref="May"/> tests is tested again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static GuestResult Execute(
        in RmpProtocol rmp, nuint index, uint asid, in NestedPage page, byte targetVmpl, out RmpQueryOutput output)
    {
        output = default;
        ref ulong version = ref rmp.Version(index);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            ulong begun = Volatile.Read(ref version);
            nuint target = rmp.Attributes(index, out _);
            bool settled = rmp.TryReadEntry(target, target == index ? page.Spa : page.Spa.AlignDown(PageSize.Size2M), out RmpEntry entry)
                && Volatile.Read(ref version) == begun;
            LowQuadword low = entry.Low;
            if (!settled || (target != index && !low.IsLarge)) continue; // the region may have been smashed since its shape was read
            if (!low.IsGuestPage(asid, page.Gpa))
            {
                if (!low.IsMarked) return GuestRules.NotTheGuests(low);
                LowQuadword own = rmp.Owned(low, GuestRules.HolderOf(low, page.Spa));
                if (Volatile.Read(ref rmp.Entries.Low(target)) != low || Volatile.Read(ref version) != begun) continue;
                if (!own.IsGuestPage(asid, page.Gpa)) return GuestRules.NotTheGuests(low);
            }

            if (!entry.Validated) return GuestResult.NotValidated;
            output = new RmpQueryOutput(entry.PageSize, entry.PermissionsOf(targetVmpl), entry.Vmsa);
            return GuestResult.Success;
        }

        return GuestResult.NestedFault(GuestRules.InstructionFault, isContention: true);
    }
}
