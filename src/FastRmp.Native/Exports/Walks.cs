using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Native;

/// <summary>The host's walks. Results have the layout of <see cref="WalkResult"/>: two quadwords.</summary>
/// <remarks>Walks have no handler of exceptions, as <see cref="HostInstructionCalls"/>.</remarks>
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
        MemoryHandle? ram = Slots.Find<MemoryHandle>(memory);
        ReverseMapTable<RmpGeometry>? rmp = table == 0 ? null : Slots.Table(table);
        if (ram is not null && (rmp is null ? table == 0 : !rmp.Choices.CheckTableReads) && paging is not null && result is not null
            && paging->IsFilled && AccessWord.IsSimple(access))
        {
            OnePiece piece = ram.Longest;
            PageCheck check = new(rmp);
            *result = PageWalker.Translate(
                ref piece, PagingBlock.StateOf(ref *paging), new VirtualAddress(address), AccessWord.Simple(access), ref check);

            // By the quadword that was written: a narrower read, or one of a copy, would wait for it.
            if ((byte)((ulong*)result)[1] != (byte)WalkStatus.OutsideMemory || ram.IsOnePiece) return (int)ErrorCode.Ok;
        }

        return WalkOther(memory, paging, table, address, access, result);
    }

    /// <summary>What is not the usual call, and walks that left the longest segment.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int WalkOther(ulong memory, PagingBlock* paging, ulong table, ulong address, uint access, WalkResult* result)
    {
        MemoryHandle? ram = Slots.Find<MemoryHandle>(memory);
        ReverseMapTable<RmpGeometry>? rmp = table == 0 ? null : Slots.Table(table);
        if (ram is null || (rmp is null && table != 0) || paging is null || result is null || !paging->IsFilled
            || !AccessWord.TryDecode(access, out MemoryAccess decoded))
        {
            return Refuse(ram, memory, rmp, table, paging, access, result);
        }

        CallerMemory view = ram.View();
        HostRmpCheck<RmpGeometry> check = new(rmp);
        ref readonly PagingState state = ref PagingBlock.StateOf(ref *paging);
        *result = (access & AccessWord.Updates) != 0
            ? PageWalker.Access(ref view, state, new VirtualAddress(address), decoded, ref check)
            : PageWalker.Translate(ref view, state, new VirtualAddress(address), decoded, ref check);
        return (int)ErrorCode.Ok;
    }

    /// <summary>frmp_walk_array.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_walk_array")]
    internal static int WalkArray(
        ulong memory, PagingBlock* paging, ulong table, ulong* addresses, ulong count, uint access, WalkResult* results)
    {
        MemoryHandle? ram = Slots.Find<MemoryHandle>(memory);
        ReverseMapTable<RmpGeometry>? rmp = table == 0 ? null : Slots.Table(table);
        if (ram is null || (rmp is null && table != 0) || paging is null || results is null || addresses is null || !paging->IsFilled
            || !AccessWord.TryDecode(access, out MemoryAccess decoded) || count > int.MaxValue)
        {
            return RefuseArray(ram, memory, rmp, table, paging, addresses, count, access, results);
        }

        ref readonly PagingState state = ref PagingBlock.StateOf(ref *paging);
        ReadOnlySpan<VirtualAddress> from = new(addresses, (int)count);
        Span<WalkResult> to = new(results, (int)count);
        if ((access & AccessWord.Updates) != 0) UpdateAll(ram, rmp, state, from, decoded, to);
        else TranslateAll(ram, rmp, state, from, decoded, to);
        return (int)ErrorCode.Ok;
    }

    /// <summary>What is usual, reads of a RAM in one piece, is compiled for itself.</summary>
    private static void TranslateAll(
        MemoryHandle ram, ReverseMapTable<RmpGeometry>? rmp, in PagingState state, ReadOnlySpan<VirtualAddress> from, MemoryAccess access,
        Span<WalkResult> to)
    {
        HostRmpCheck<RmpGeometry> check = new(rmp);
        OnePiece piece = ram.Longest;
        if (!ram.IsOnePiece)
        {
            CallerMemory view = ram.View();
            PageWalker.Translate(ref view, state, from, access, ref check, to);
        }
        else if (rmp is null)
        {
            PageWalker.Translate(ref piece, state, from, access, to);
        }
        else
        {
            PageWalker.Translate(ref piece, state, from, access, ref check, to);
        }
    }

    private static void UpdateAll(
        MemoryHandle ram, ReverseMapTable<RmpGeometry>? rmp, in PagingState state, ReadOnlySpan<VirtualAddress> from, MemoryAccess access,
        Span<WalkResult> to)
    {
        HostRmpCheck<RmpGeometry> check = new(rmp);
        CallerMemory view = ram.View();
        for (int i = 0; i < from.Length; i++) to[i] = PageWalker.Access(ref view, state, from[i], access, ref check);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Refuse(
        MemoryHandle? ram, ulong memory, ReverseMapTable<RmpGeometry>? rmp, ulong table, PagingBlock* paging, uint access,
        WalkResult* result)
    {
        if (ram is null) return Refusals.Handle(memory);
        if (rmp is null && table != 0) return Refusals.Handle(table);
        if (paging is null || result is null) return Refusals.Null(paging is null ? "paging" : "result");
        if (!paging->IsFilled) return Refusals.NotFilled("paging");
        return AccessWord.TryDecode(access, out _) ? (int)ErrorCode.Ok : Refusals.Value("access", access);
    }

    /// <summary>Of no addresses, pointers may be null.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int RefuseArray(
        MemoryHandle? ram, ulong memory, ReverseMapTable<RmpGeometry>? rmp, ulong table, PagingBlock* paging, ulong* addresses, ulong count,
        uint access, WalkResult* results)
    {
        WalkResult none;
        int code = Refuse(ram, memory, rmp, table, paging, access, &none);
        return code != (int)ErrorCode.Ok ? code : Refusals.Array(count, "addresses", addresses, "results", results);
    }
}
