using System;
using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Native;

/// <summary>The host's walks. Results have the layout of <see cref="WalkResult"/>: two quadwords.</summary>
internal static unsafe class Walks
{
    /// <summary>frmp_paging_init.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_paging_init")]
    internal static int Init(PagingBlock* paging, PagingRegisters* registers)
    {
        try
        {
            if (paging is null || registers is null) return Refusals.Null(paging is null ? "paging" : "registers");
            int code = registers->Decode(out PagingState state, out _);
            if (code == (int)ErrorCode.Ok) PagingBlock.Fill(ref *paging, state);
            return code;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_walk.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_walk")]
    internal static int Walk(ulong memory, PagingBlock* paging, ulong table, ulong address, uint access, WalkResult* result)
    {
        try
        {
            MemoryHandle? ram = HandleTable.Find<MemoryHandle>(memory);
            TableHandle? rmp = table == 0 ? null : HandleTable.Find<TableHandle>(table);
            if (ram is null || (rmp is null && table != 0) || paging is null || result is null || !paging->IsFilled
                || !AccessWord.TryDecode(access, out MemoryAccess decoded))
            {
                return Refuse(ram, memory, rmp, table, paging, access, result);
            }

            CallerMemory view = ram.View();
            HostRmpCheck<RmpGeometry> check = new(rmp?.Table);
            ref readonly PagingState state = ref PagingBlock.StateOf(ref *paging);
            *result = (access & AccessWord.Updates) != 0
                ? PageWalker.Access(ref view, state, new VirtualAddress(address), decoded, ref check)
                : PageWalker.Translate(ref view, state, new VirtualAddress(address), decoded, ref check);
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_walk_array.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_walk_array")]
    internal static int WalkArray(
        ulong memory, PagingBlock* paging, ulong table, ulong* addresses, ulong count, uint access, WalkResult* results)
    {
        try
        {
            MemoryHandle? ram = HandleTable.Find<MemoryHandle>(memory);
            TableHandle? rmp = table == 0 ? null : HandleTable.Find<TableHandle>(table);
            if (ram is null || (rmp is null && table != 0) || paging is null || results is null || addresses is null || !paging->IsFilled
                || !AccessWord.TryDecode(access, out MemoryAccess decoded))
            {
                return addresses is null
                    ? Refusals.Null("addresses")
                    : Refuse(ram, memory, rmp, table, paging, access, results);
            }

            if (count > int.MaxValue) return Refusals.Size("count", count, int.MaxValue);
            CallerMemory view = ram.View();
            HostRmpCheck<RmpGeometry> check = new(rmp?.Table);
            ref readonly PagingState state = ref PagingBlock.StateOf(ref *paging);
            ReadOnlySpan<VirtualAddress> from = new(addresses, (int)count);
            Span<WalkResult> to = new(results, (int)count);
            if ((access & AccessWord.Updates) == 0)
            {
                PageWalker.Translate(ref view, state, from, decoded, ref check, to);
                return (int)ErrorCode.Ok;
            }

            for (int i = 0; i < from.Length; i++) to[i] = PageWalker.Access(ref view, state, from[i], decoded, ref check);
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    private static int Refuse(
        MemoryHandle? ram, ulong memory, TableHandle? rmp, ulong table, PagingBlock* paging, uint access, WalkResult* result)
    {
        if (ram is null) return Refusals.Handle(memory);
        if (rmp is null && table != 0) return Refusals.Handle(table);
        if (paging is null || result is null) return Refusals.Null(paging is null ? "paging" : "result");
        return paging->IsFilled ? Refusals.Value("access", access) : Refusals.NotFilled("paging");
    }
}
