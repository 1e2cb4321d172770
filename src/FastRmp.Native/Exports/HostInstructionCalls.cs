using System;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>The host's instructions.</summary>
/// <remarks>An RAX above bit 51 has no entry: it is tested as the first address that none has.</remarks>
internal static unsafe class HostInstructionCalls
{
    private const ulong OperandWords = 2;

    /// <summary>frmp_rmpupdate.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_rmpupdate")]
    internal static ulong RmpUpdate(ulong table, ulong processor, ulong rax, ulong* operand)
    {
        try
        {
            TableHandle? found = HandleTable.Find<TableHandle>(table);
            if (found is null || operand is null || !ProcessorWord.TryDecode(processor, out ExecutionState state))
            {
                return Refuse(found, table, processor, operand is null);
            }

            if (!PhysicalAddress.TryCreate(rax, out PhysicalAddress page)) return Beyond(found, state);
            return Word.Of(found.Table.RmpUpdate(state, page, new RmpUpdateOperand(operand[0], operand[1])));
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Word.Refused(code);
        }
    }

    /// <summary>frmp_psmash.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_psmash")]
    internal static ulong PSmash(ulong table, ulong processor, ulong rax)
    {
        try
        {
            TableHandle? found = HandleTable.Find<TableHandle>(table);
            if (found is null || !ProcessorWord.TryDecode(processor, out ExecutionState state))
            {
                return Refuse(found, table, processor, isNull: false);
            }

            return PhysicalAddress.TryCreate(rax, out PhysicalAddress page)
                ? Word.Of(found.Table.PSmash(state, page))
                : Beyond(found, state);
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Word.Refused(code);
        }
    }

    /// <summary>frmp_rmpread.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_rmpread")]
    internal static ulong RmpRead(ulong table, ulong processor, ulong rax, ulong* output)
    {
        try
        {
            TableHandle? found = HandleTable.Find<TableHandle>(table);
            if (found is null || output is null || !ProcessorWord.TryDecode(processor, out ExecutionState state))
            {
                return Refuse(found, table, processor, output is null);
            }

            new Span<ulong>(output, (int)OperandWords).Clear();
            if (!PhysicalAddress.TryCreate(rax, out PhysicalAddress page))
            {
                return found.Table.Processor.HasRmpRead ? Beyond(found, state) : Word.Of(RmpResult.InvalidOpcode);
            }

            RmpResult result = found.Table.RmpRead(state, page, out RmpReadOutput read);
            output[0] = read.Low;
            output[1] = read.High;
            return Word.Of(result);
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return Word.Refused(code);
        }
    }

    /// <summary>frmp_rmpopt.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_rmpopt")]
    internal static ulong RmpOpt(ulong table, ulong processor, ulong core, ulong rax, ulong rcx)
    {
        try
        {
            TableHandle? found = HandleTable.Find<TableHandle>(table);
            if (found is null || !ProcessorWord.TryDecode(processor, out ExecutionState state))
            {
                return Refuse(found, table, processor, isNull: false);
            }

            CoreHandle? of = HandleTable.Find<CoreHandle>(core);
            return of is null || of.Table != table
                ? Word.Refused(Refusals.Handle(core))
                : Word.Of(found.Table.RmpOpt(state, of.Core, rax, rcx));
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
            if (HandleTable.Find<TableHandle>(table) is null) return Refusals.Handle(table);
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
            CoreHandle? found = HandleTable.Find<CoreHandle>(core);
            if (found is null) return Word.Refused(Refusals.Handle(core));
            TableHandle? table = HandleTable.Find<TableHandle>(found.Table);
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

    private static ulong Refuse(TableHandle? found, ulong table, ulong processor, bool isNull) => Word.Refused(
        found is null ? Refusals.Handle(table)
        : isNull ? Refusals.Null("operand")
        : Refusals.Value("processor", processor));

    /// <summary>An address that no entry can be of: what PSMASH of an unaligned one says, which is not looked up either.</summary>
    private static ulong Beyond(TableHandle found, in ExecutionState state) =>
        Word.Of(found.Table.PSmash(state, PhysicalAddress.Create(PhysicalAddress.ValidMask)));
}
