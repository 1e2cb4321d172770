using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>The guest's instructions on a page whose translation the caller knows.</summary>
/// <remarks>Without handlers of exceptions, as <see cref="HostInstructionCalls"/>.</remarks>
internal static unsafe class GuestInstructionCalls
{
    private const PageSize NoSize = (PageSize)byte.MaxValue; // FAIL_INPUT, in its order

    /// <summary>frmp_pvalidate.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_pvalidate")]
    internal static ulong PValidate(ulong table, ulong processor, GuestPage* page, ulong rcx, ulong rdx, ulong* exitInfo1)
    {
        ReverseMapTable<RmpGeometry>? found = Slots.Table(table);
        if (ProcessorWord.IsGuestKernel(processor) && found is not null && page is not null && exitInfo1 is not null && (uint)rcx == 0
            && (uint)rdx <= 1 && page->TryDecodeSmall(out GuestPhysicalAddress gpa, out PhysicalAddress spa)
            && found.TryValidateSmall((uint)(processor >> ProcessorWord.AsidShift), gpa, spa, (uint)rdx != 0, out bool carry))
        {
            *exitInfo1 = 0;
            return Word.Of(GuestResult.Completed(carry));
        }

        return ValidateOther(table, processor, page, rcx, rdx, exitInfo1);
    }

    /// <summary>What is not the usual call.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong ValidateOther(ulong table, ulong processor, GuestPage* page, ulong rcx, ulong rdx, ulong* exitInfo1)
    {
        ReverseMapTable<RmpGeometry>? found = Slots.Table(table);
        if (found is null || page is null || exitInfo1 is null || !ProcessorWord.TryDecode(processor, out ExecutionState state)
            || !page->TryDecode(out NestedPage where))
        {
            return Refuse(found, table, processor, page, exitInfo1);
        }

        bool isDefined = (uint)rdx <= 1 || found.Choices.IgnoreReservedOperandBits;
        GuestResult result = found.PValidate(state, where, isDefined ? SizeIn((uint)rcx) : NoSize, (rdx & 1) != 0);
        *exitInfo1 = result.ExitInfo1.Value;
        return Word.Of(result);
    }

    /// <summary>frmp_rmpadjust.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_rmpadjust")]
    internal static ulong RmpAdjust(ulong table, ulong processor, GuestPage* page, ulong rcx, ulong rdx, ulong* exitInfo1)
    {
        ReverseMapTable<RmpGeometry>? found = Slots.Table(table);
        if (found is null || page is null || exitInfo1 is null || !ProcessorWord.TryDecode(processor, out ExecutionState state)
            || !page->TryDecode(out NestedPage where))
        {
            return Refuse(found, table, processor, page, exitInfo1);
        }

        GuestResult result = found.RmpAdjust(state, where, SizeIn(rcx), new RmpAdjustOperand(rdx));
        *exitInfo1 = result.ExitInfo1.Value;
        return Word.Of(result);
    }

    /// <summary>frmp_rmpquery.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_rmpquery")]
    internal static ulong RmpQuery(ulong table, ulong processor, GuestPage* page, ulong* rcx, ulong* rdx, ulong* exitInfo1)
    {
        if (rcx is null || rdx is null) return Word.Refused(Refusals.Null(rcx is null ? "rcx" : "rdx"));
        ReverseMapTable<RmpGeometry>? found = Slots.Table(table);
        if (found is null || page is null || exitInfo1 is null || !ProcessorWord.TryDecode(processor, out ExecutionState state)
            || !page->TryDecode(out NestedPage where))
        {
            return Refuse(found, table, processor, page, exitInfo1);
        }

        byte target = new RmpAdjustOperand(*rdx).TargetVmpl;
        GuestResult result = found.RmpQuery(state, where, target, out RmpQueryOutput output);
        if (result.IsSuccess)
        {
            *rcx = (ulong)output.Size;
            *rdx = new RmpAdjustOperand { TargetVmpl = target, Permissions = output.Permissions, Vmsa = output.IsVmsa }.Value;
        }

        *exitInfo1 = result.ExitInfo1.Value;
        return Word.Of(result);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Refuse(ReverseMapTable<RmpGeometry>? found, ulong table, ulong processor, GuestPage* page, ulong* exitInfo1)
    {
        if (exitInfo1 is not null) *exitInfo1 = 0;
        return Word.Refused(
            found is null ? Refusals.Handle(table)
            : page is null ? Refusals.Null("page")
            : exitInfo1 is null ? Refusals.Null("exitinfo1")
            : !ProcessorWord.TryDecode(processor, out _) ? Refusals.Value("processor", processor)
            : page->Refusal());
    }

    private static PageSize SizeIn(ulong register) => register <= (ulong)PageSize.Size2M ? (PageSize)register : NoSize;
}
