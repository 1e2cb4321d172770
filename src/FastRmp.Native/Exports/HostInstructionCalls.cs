using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>The host's instructions.</summary>
/// <remarks>An RAX above bit 51 has no entry. What is called for every update of an emulator has no handler of exceptions: it costs as much
/// as the instruction. None can come but that of a table destroyed meanwhile, which ends the process, as the header says.</remarks>
internal static unsafe class HostInstructionCalls
{
    /// <summary>frmp_rmpupdate.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_rmpupdate")]
    internal static ulong RmpUpdate(ulong table, ulong processor, ulong rax, ulong* operand)
    {
        ReverseMapTable<RmpGeometry>? found = Slots.Table(table);
        return processor == ProcessorWord.Host && found is not null && operand is not null && rax <= PhysicalAddress.ValidMask
            ? Word.Of(found.Update(PhysicalAddress.CreateUnchecked(rax), *(RmpUpdateOperand*)operand))
            : UpdateOther(table, processor, rax, operand);
    }

    /// <summary>What is not the usual call.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong UpdateOther(ulong table, ulong processor, ulong rax, ulong* operand)
    {
        ReverseMapTable<RmpGeometry>? found = Slots.Table(table);
        if (found is null || operand is null || !ProcessorWord.TryDecode(processor, out ExecutionState state))
        {
            return Refuse(found, table, processor, operand is null);
        }

        return rax <= PhysicalAddress.ValidMask
            ? Word.Of(found.RmpUpdate(state, PhysicalAddress.CreateUnchecked(rax), *(RmpUpdateOperand*)operand))
            : Beyond(found, state);
    }

    /// <summary>frmp_psmash.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_psmash")]
    internal static ulong PSmash(ulong table, ulong processor, ulong rax)
    {
        ReverseMapTable<RmpGeometry>? found = Slots.Table(table);
        if (found is null || !ProcessorWord.TryDecode(processor, out ExecutionState state))
        {
            return Refuse(found, table, processor, isNull: false);
        }

        return rax <= PhysicalAddress.ValidMask
            ? Word.Of(found.PSmash(state, PhysicalAddress.CreateUnchecked(rax)))
            : Beyond(found, state);
    }

    /// <summary>frmp_rmpread.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_rmpread")]
    internal static ulong RmpRead(ulong table, ulong processor, ulong rax, ulong* output)
    {
        ReverseMapTable<RmpGeometry>? found = Slots.Table(table);
        if (found is null || output is null || !ProcessorWord.TryDecode(processor, out ExecutionState state))
        {
            return Refuse(found, table, processor, output is null);
        }

        output[0] = 0;
        output[1] = 0;
        if (rax > PhysicalAddress.ValidMask)
        {
            return found.Processor.HasRmpRead ? Beyond(found, state) : Word.Of(RmpResult.InvalidOpcode);
        }

        RmpResult result = found.RmpRead(state, PhysicalAddress.CreateUnchecked(rax), out RmpReadOutput read);
        output[0] = read.Low;
        output[1] = read.High;
        return Word.Of(result);
    }

    /// <summary>frmp_rmpopt.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_rmpopt")]
    internal static ulong RmpOpt(ulong table, ulong processor, ulong core, ulong rax, ulong rcx)
    {
        try
        {
            ReverseMapTable<RmpGeometry>? found = Slots.Table(table);
            if (found is null || !ProcessorWord.TryDecode(processor, out ExecutionState state))
            {
                return Refuse(found, table, processor, isNull: false);
            }

            CoreHandle? of = Slots.Find<CoreHandle>(core);
            return of is null || of.Table != table
                ? Word.Refused(Refusals.Handle(core))
                : Word.Of(found.RmpOpt(state, of.Core, rax, rcx));
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Word.Refused(code);
        }
    }

    /// <summary>frmp_core_create.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_core_create")]
    internal static int CreateCore(ulong table, ulong rmpOptBase, ulong* core)
    {
        try
        {
            if (core is null) return Refusals.Null("core");
            *core = 0;
            if (Slots.Find<TableHandle>(table) is null) return Refusals.Handle(table);
            *core = HandleTable.Add(new CoreHandle(table, new RmpOptCore(rmpOptBase)));
            return *core == 0 ? Refusals.TooMany() : (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_core_write_base.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_core_write_base")]
    internal static ulong WriteBase(ulong core, ulong processor, ulong value)
    {
        try
        {
            CoreHandle? found = Slots.Find<CoreHandle>(core);
            if (found is null) return Word.Refused(Refusals.Handle(core));
            TableHandle? table = Slots.Find<TableHandle>(found.Table);
            if (table is null) return Word.Refused(Refusals.Handle(found.Table));
            if (!ProcessorWord.TryDecode(processor, out ExecutionState state)) return Word.Refused(Refusals.Value("processor", processor));
            RmpFault fault = found.Core.WriteBase(state, value, table.Table.Processor, table.Table.Choices);
            return Word.Of(fault == RmpFault.None ? RmpResult.Success : RmpResult.GeneralProtection);
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Word.Refused(code);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Refuse(ReverseMapTable<RmpGeometry>? found, ulong table, ulong processor, bool isNull) => Word.Refused(
        found is null ? Refusals.Handle(table)
        : isNull ? Refusals.Null("operand")
        : Refusals.Value("processor", processor));

    /// <summary>An address that no entry can be of: what PSMASH of an unaligned one says, which is not looked up either.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Beyond(ReverseMapTable<RmpGeometry> found, in ExecutionState state) =>
        Word.Of(found.PSmash(state, PhysicalAddress.Create(PhysicalAddress.ValidMask)));
}
