using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Native;

/// <summary>A guest's walks through nested tables.</summary>
internal static unsafe class NestedWalks
{
    private const uint SnpGuestFlag = 1;
    private const uint ExecuteTrapFlag = 2;
    private const uint VirtualTomFlag = 4;
    private const byte HighestVmpl = 3;

    /// <summary>frmp_nested_init.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_nested_init")]
    internal static int Init(NestedBlock* nested, PagingRegisters* guest, PagingRegisters* host, uint flags, ulong virtualTom)
    {
        try
        {
            if (nested is null || guest is null || host is null) return Refusals.Null("nested, guest or host");
            if ((flags & ~(SnpGuestFlag | ExecuteTrapFlag | VirtualTomFlag)) != 0) return Refusals.Value("flags", flags);
            if (virtualTom > GuestPhysicalAddress.ValidMask) return Refusals.Address("virtual_tom", virtualTom);
            int code = guest->Decode(out PagingState guestState, out _);
            if (code != (int)ErrorCode.Ok) return code;
            code = host->Decode(out PagingState hostState, out ModelChoices choices);
            if (code != (int)ErrorCode.Ok) return code;
            GuestPhysicalAddress? tom = (flags & VirtualTomFlag) != 0 ? GuestPhysicalAddress.Create(virtualTom) : null;
            NestedPagingState state = new(
                guestState, hostState, tom, (flags & SnpGuestFlag) != 0, (flags & ExecuteTrapFlag) != 0, choices);
            NestedBlock.Fill(ref *nested, state);
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_nested_walk.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_nested_walk")]
    internal static int Walk(
        ulong memory, NestedBlock* nested, ulong table, uint asid, uint vmpl, ulong address, uint access, NestedOutcome* result)
    {
        MemoryHandle? ram = Slots.Find<MemoryHandle>(memory);
        if (ram is not null && nested is not null && result is not null && nested->IsFilled && AccessWord.IsSimple(access)
            && vmpl <= HighestVmpl)
        {
            ReverseMapTable<RmpGeometry>? rmp = table == 0 ? null : Slots.Table(table);
            if (table == 0) Plain(ram, nested, address, access, result);
            else if (rmp is not null) Checked(ram, nested, rmp, asid, vmpl, address, access, result);
            if ((table == 0 || rmp is not null) && (result->Status != NestedWalkStatus.OutsideMemory || ram.IsOnePiece))
            {
                return (int)ErrorCode.Ok;
            }
        }

        return WalkAll(memory, nested, table, asid, vmpl, &address, 1, access, result);
    }

    /// <summary>The usual walk without an RMP. This and the next are methods of their own: each has a walker inlined.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Plain(MemoryHandle ram, NestedBlock* nested, ulong address, uint access, NestedOutcome* result)
    {
        OnePiece piece = ram.Longest;
        *result = new NestedOutcome(
            NestedWalker.Translate(
                ref piece, NestedBlock.StateOf(ref *nested), new VirtualAddress(address), AccessWord.Simple(access)));
    }

    /// <summary>The usual walk with an RMP.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Checked(
        MemoryHandle ram, NestedBlock* nested, ReverseMapTable<RmpGeometry> rmp, uint asid, uint vmpl, ulong address, uint access,
        NestedOutcome* result)
    {
        OnePiece piece = ram.Longest;
        ref readonly NestedPagingState state = ref NestedBlock.StateOf(ref *nested);
        GuestRmpCheck<RmpGeometry> check = new(rmp, asid, (byte)vmpl, state.IsSnpGuest);
        *result = new NestedOutcome(
            NestedWalker.Translate(ref piece, state, new VirtualAddress(address), AccessWord.Simple(access), ref check));
    }

    /// <summary>frmp_nested_walk_array.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_nested_walk_array")]
    internal static int WalkArray(
        ulong memory, NestedBlock* nested, ulong table, uint asid, uint vmpl, ulong* addresses, ulong count, uint access,
        NestedOutcome* results) =>
        WalkAll(memory, nested, table, asid, vmpl, addresses, count, access, results);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int WalkAll(
        ulong memory, NestedBlock* nested, ulong table, uint asid, uint vmpl, ulong* addresses, ulong count, uint access,
        NestedOutcome* results)
    {
        try
        {
            MemoryHandle? ram = Slots.Find<MemoryHandle>(memory);
            if (ram is null) return Refusals.Handle(memory);
            TableHandle? rmp = table == 0 ? null : Slots.Find<TableHandle>(table);
            if (rmp is null && table != 0) return Refusals.Handle(table);
            if (nested is null) return Refusals.Null("nested");
            if (!nested->IsFilled) return Refusals.NotFilled("nested");
            if (!AccessWord.TryDecode(access, out MemoryAccess decoded)) return Refusals.Value("access", access);
            if (vmpl > HighestVmpl) return Refusals.Value("vmpl", vmpl);
            int fit = Refusals.Array(count, "addresses", addresses, "results", results);
            if (fit != (int)ErrorCode.Ok) return fit;
            ref readonly NestedPagingState state = ref NestedBlock.StateOf(ref *nested);
            GuestRmpCheck<RmpGeometry> check = new(rmp?.Table, asid, (byte)vmpl, state.IsSnpGuest);
            CallerMemory view = ram.View();
            bool updates = (access & AccessWord.Updates) != 0;
            for (ulong i = 0; i < count; i++)
            {
                VirtualAddress address = new(addresses[i]);
                results[i] = new NestedOutcome(
                    updates
                        ? NestedWalker.Access(ref view, state, address, decoded, ref check)
                        : NestedWalker.Translate(ref view, state, address, decoded, ref check));
            }

            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }
}
