using System;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>The guest's instructions on a page whose translation the caller knows.</summary>
internal static unsafe class GuestInstructionCalls
{
    private const PageSize NoSize = (PageSize)byte.MaxValue; // FAIL_INPUT, in its order

    /// <summary>frmp_pvalidate.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_pvalidate")]
    internal static ulong PValidate(ulong table, ulong processor, GuestPage* page, ulong rcx, ulong rdx, ulong* exitInfo1)
    {
        try
        {
            int code = Decode(table, processor, page, exitInfo1, out TableHandle found, out ExecutionState state, out NestedPage where);
            if (code != (int)ErrorCode.Ok) return Word.Refused(code);
            bool isDefined = (uint)rdx <= 1 || found.Table.Choices.IgnoreReservedOperandBits;
            return Ended(
                found.Table.PValidate(state, where, isDefined ? SizeIn((uint)rcx) : NoSize, (rdx & 1) != 0), exitInfo1);
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Word.Refused(code);
        }
    }

    /// <summary>frmp_rmpadjust.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_rmpadjust")]
    internal static ulong RmpAdjust(ulong table, ulong processor, GuestPage* page, ulong rcx, ulong rdx, ulong* exitInfo1)
    {
        try
        {
            int code = Decode(table, processor, page, exitInfo1, out TableHandle found, out ExecutionState state, out NestedPage where);
            if (code != (int)ErrorCode.Ok) return Word.Refused(code);
            return Ended(found.Table.RmpAdjust(state, where, SizeIn(rcx), new RmpAdjustOperand(rdx)), exitInfo1);
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Word.Refused(code);
        }
    }

    /// <summary>frmp_rmpquery.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_rmpquery")]
    internal static ulong RmpQuery(ulong table, ulong processor, GuestPage* page, ulong* rcx, ulong* rdx, ulong* exitInfo1)
    {
        try
        {
            if (rcx is null || rdx is null) return Word.Refused(Refusals.Null(rcx is null ? "rcx" : "rdx"));
            int code = Decode(table, processor, page, exitInfo1, out TableHandle found, out ExecutionState state, out NestedPage where);
            if (code != (int)ErrorCode.Ok) return Word.Refused(code);
            byte target = new RmpAdjustOperand(*rdx).TargetVmpl;
            GuestResult result = found.Table.RmpQuery(state, where, target, out RmpQueryOutput output);
            if (result.IsSuccess)
            {
                *rcx = (ulong)output.Size;
                *rdx = new RmpAdjustOperand { TargetVmpl = target, Permissions = output.Permissions, Vmsa = output.IsVmsa }.Value;
            }

            return Ended(result, exitInfo1);
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Word.Refused(code);
        }
    }

    private static int Decode(
        ulong table, ulong processor, GuestPage* page, ulong* exitInfo1, out TableHandle found, out ExecutionState state,
        out NestedPage where)
    {
        found = HandleTable.Find<TableHandle>(table)!;
        state = default;
        where = default;
        if (found is null) return Refusals.Handle(table);
        if (page is null || exitInfo1 is null) return Refusals.Null(page is null ? "page" : "exitinfo1");
        *exitInfo1 = 0;
        return ProcessorWord.TryDecode(processor, out state) ? page->Decode(out where) : Refusals.Value("processor", processor);
    }

    private static ulong Ended(in GuestResult result, ulong* exitInfo1)
    {
        *exitInfo1 = result.ExitInfo1.Value;
        return Word.Of(result);
    }

    private static PageSize SizeIn(ulong register) => register <= (ulong)PageSize.Size2M ? (PageSize)register : NoSize;
}
