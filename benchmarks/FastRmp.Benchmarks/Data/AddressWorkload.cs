using System;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks.Data;

/// <summary>The guest of <see cref="NestedWorkload"/>, whose kernel at VMPL0 names its pages by virtual addresses: all private, validated,
/// and with Accessed and Dirty set.</summary>
internal sealed unsafe class AddressWorkload : IDisposable
{
    internal const int Pages = NestedWorkload.Walks;

    private readonly NestedWorkload _guest = new();

    internal AddressWorkload()
    {
        NativeProcessor->Asid = Kernel.Asid;
        NativeProcessor->SnpGuest = 1;
    }

    internal static ExecutionState Kernel => ExecutionState.Guest(NestedWorkload.Asid);

    internal RmpWorkload<ContiguousGeometry> Rmp => _guest.Rmp;

    internal NestedPagingState State => _guest.State;

    internal PinnedMemoryView View => _guest.View;

    internal ulong* Addresses => _guest.Addresses;

    internal NativeWalkMemory* NativeMemory => _guest.NativeMemory;

    internal NativeNestedState* NativeState => _guest.NativeState;

    internal NativeProcessor* NativeProcessor => _guest.Rmp.NativeProcessor;

    /// <summary>Everything that an instruction leaves behind, as C adds it up.</summary>
    internal static ulong Digest(in InstructionResult of)
    {
        InstructionRegisters registers = of.Registers;
        return registers.Rax + registers.Rcx + registers.Rdx + registers.RFlags.Value + of.FaultAddress + of.ExitInfo1.Value
            + of.ExitInfo2.Value + of.ErrorCode
            + (ulong)of.Status + (ulong)of.Code + (of.IsContention ? 1UL : 0);
    }

    /// <summary>Both sides must answer the same where tables are not marked yet, mark the same, and leave the same table behind.</summary>
    /// <param name="managed">What the library does.</param>
    /// <param name="native">What C does.</param>
    internal void RequireSameEffect(Func<ulong> managed, Func<ulong> native)
    {
        const ulong Marks = PagingEntry.AccessedMask | PagingEntry.DirtyMask;
        Rmp.RequireSameEffect(() => Unmarked(managed, out _), () => Unmarked(native, out _));
        _ = Unmarked(managed, out ulong[] after);
        _ = Unmarked(native, out ulong[] afterC);
        if (!after.AsSpan().SequenceEqual(afterC)) throw new InvalidOperationException("C# and C mark different entries.");
        if (after.AsSpan().SequenceEqual(_guest.Tables))
        {
            throw new InvalidOperationException("The pages' own entries of the guest have Dirty, although nothing was written.");
        }

        ulong Unmarked(Func<ulong> run, out ulong[] left)
        {
            Span<ulong> tables = _guest.Tables;
            ulong[] before = tables.ToArray();
            foreach (ref ulong entry in tables)
            {
                entry &= ~Marks;
            }

            ulong answer = run();
            left = tables.ToArray();
            before.CopyTo(tables);
            return answer;
        }
    }

    public void Dispose() => _guest.Dispose();
}
