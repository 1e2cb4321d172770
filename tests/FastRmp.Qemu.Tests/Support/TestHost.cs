using System;
using System.Collections.Generic;
using System.IO;

namespace FastRmp.Qemu.Tests.Support;

/// <summary>A machine over <see cref="TestRam"/>, with one processor.</summary>
internal sealed class TestHost : IDisposable
{
    /// <summary>The operand of instructions, in physical memory.</summary>
    internal const ulong OperandAt = 0x6000;

    /// <summary>The interrupt descriptor table, in physical memory.</summary>
    internal const ulong IdtAt = 0x8000;

    internal const ulong UndefinedHandler = 0xFFFF_FFFF_8100_0600UL;
    internal const ulong GeneralProtectionHandler = 0xFFFF_FFFF_8100_0D00UL;
    internal const ulong PageFaultHandler = 0xFFFF_FFFF_8100_0E00UL;
    internal const ulong RmpFirst = 0x1000_0000UL;
    internal const ulong RmpLast = 0x10FF_FFFFUL;
    internal const ulong SnpEnabled = 1UL << 24;
    internal const ulong Rip = TestRam.Direct + CodeAt;

    /// <summary>Where the kernel's IRETQ is.</summary>
    internal const ulong Return = TestRam.Direct + ReturnAt;

    /// <summary>The stack of handlers that leave user mode.</summary>
    internal const ulong HandlerStack = TestRam.Direct + 0xF000;

    private const ulong CodeAt = 0xA560;
    private const ulong ReturnAt = 0xB100;
    private const ulong CplMask = 3;

    internal TestHost(
        string processor = "milan", bool segmented = false, ulong bytes = 1UL << 30, int shift = 30, string? inject = null,
        bool hasReturn = true, string? symbols = null)
    {
        ProcessorModel.TryGetPreset(processor, out ProcessorModel? model);
        Ram = new TestRam(bytes);
        Trace = new StringWriter();
        PluginOptions options = new()
        {
            Ram = Ram.Path,
            Rmp = new RmpPlacement(segmented, RmpFirst, RmpLast, segmented ? shift : 0),
            Processor = model!,
            Inject = inject,
            Symbols = symbols is null ? null : Ram.FileIn("symbols"),
        };
        if (options.Symbols is { } list) File.WriteAllText(list, symbols);
        if (!SnpMachine.TryCreate(options, new EventLog(Trace, TimeProvider.System), out SnpMachine? machine, out string? problem))
        {
            Ram.Dispose();
            throw new InvalidOperationException(problem);
        }

        Machine = machine;
        Core = Machine.AddCore(0);
        Processor = new FakeProcessor();
        LoadTable(hasReturn);
        Gate(6, UndefinedHandler);
        Gate(13, GeneralProtectionHandler);
        Gate(14, PageFaultHandler);
    }

    internal TestRam Ram { get; }

    internal SnpMachine Machine { get; }

    internal GuestCore Core { get; }

    internal FakeProcessor Processor { get; }

    internal StringWriter Trace { get; }

    /// <summary>Sets SNP_EN by WRMSR.</summary>
    internal TestHost Enabled()
    {
        WriteMsr(Msr.Syscfg, ReadMsr(Msr.Syscfg) | SnpEnabled);
        return this;
    }

    /// <summary>Executes an instruction as the emulator and the plugin do together.</summary>
    /// <returns>Where the processor goes on; <see cref="InstructionStep.Emulator"/> if the plugin left it to the emulator.</returns>
    internal ulong Step(WatchedInstruction what)
    {
        byte[]? code = what switch
        {
            WatchedInstruction.RmpUpdate => [0xF2, 0x0F, 0x01, 0xFE],
            WatchedInstruction.PSmash => [0xF3, 0x0F, 0x01, 0xFF],
            WatchedInstruction.RmpRead => [0xF2, 0x0F, 0x01, 0xFD],
            WatchedInstruction.RmpOpt => [0xF2, 0x0F, 0x01, 0xFC],
            _ => null,
        };
        return code is null
            ? InstructionStep.Take(Machine, Core, Processor, what, Rip, Rip + InstructionDecoder.SystemBytes)
            : Undefined(Core, Processor, code);
    }

    /// <summary>An instruction that the emulator does not know: it raises #UD, in whose handler the plugin acts.</summary>
    internal ulong Undefined(GuestCore core, FakeProcessor processor, byte[] code)
    {
        code.CopyTo(Ram.Ram.Bytes(CodeAt, code.Length));
        Dictionary<GuestRegister, ulong> before = processor.Snapshot();
        ulong flags = processor[GuestRegister.RFlags];
        ulong stack = (processor[GuestRegister.Cs] & CplMask) == 0 ? processor[GuestRegister.Rsp] : HandlerStack;
        ulong top = (stack & ~0xFUL) - 40;
        TrapFrame frame = new(
            Rip, processor[GuestRegister.Cs], new RFlags(flags | 0x1_0000), processor[GuestRegister.Rsp], processor[GuestRegister.Ss]);
        if (!frame.TryWrite(Ram.Ram, GuestState.Of(new FakeProcessor()), top)) throw new InvalidOperationException("#DF");
        processor[GuestRegister.Rsp] = top;
        processor[GuestRegister.Cs] = FakeProcessor.KernelCode;
        processor[GuestRegister.RFlags] = flags & ~0x1_4300UL; // TF, IF, NT and RF
        ulong next = InstructionStep.Take(Machine, core, processor, WatchedInstruction.UndefinedEntry, UndefinedHandler, UndefinedHandler);
        if (next == Return)
        {
            if (!TrapFrame.TryRead(Ram.Ram, GuestState.Of(processor), processor[GuestRegister.Rsp], out TrapFrame left))
            {
                throw new InvalidOperationException("IRETQ faults.");
            }

            processor[GuestRegister.Cs] = left.CodeSegment;
            processor[GuestRegister.Ss] = left.StackSegment;
            processor[GuestRegister.Rsp] = left.Stack;
            processor[GuestRegister.RFlags] = left.Flags.Value;
            return left.Rip;
        }

        if (next != InstructionStep.Emulator) return next;
        foreach (GuestRegister register in before.Keys) processor[register] = before[register]; // the handler goes on
        processor[GuestRegister.RFlags] = flags;
        return next;
    }

    internal ulong WriteMsr(uint number, ulong value)
    {
        Processor[GuestRegister.Rcx] = number;
        Processor[GuestRegister.Rax] = (uint)value;
        Processor[GuestRegister.Rdx] = value >> 32;
        return Step(WatchedInstruction.WriteMsr);
    }

    /// <summary>RDMSR, which has to be answered.</summary>
    internal ulong ReadMsr(uint number)
    {
        Processor[GuestRegister.Rcx] = number;
        if (Step(WatchedInstruction.ReadMsr) != Rip + 2) throw new InvalidOperationException("RDMSR was not answered.");
        return (Processor[GuestRegister.Rdx] << 32) | Processor[GuestRegister.Rax];
    }

    /// <summary>RMPUPDATE with its operand in memory.</summary>
    internal ulong RmpUpdate(ulong page, RmpUpdateOperand operand)
    {
        Ram.Write(OperandAt, operand.Low);
        Ram.Write(OperandAt + 8, operand.High);
        Processor[GuestRegister.Rax] = page;
        Processor[GuestRegister.Rcx] = TestRam.Direct + OperandAt;
        return Step(WatchedInstruction.RmpUpdate);
    }

    public void Dispose()
    {
        Machine.Dispose();
        Ram.Dispose();
        Trace.Dispose();
    }

    /// <summary>LIDT of the table at <see cref="IdtAt"/>, by a kernel that has an IRETQ.</summary>
    private void LoadTable(bool hasReturn)
    {
        if (!InterruptTable.TryFind(Ram.Ram, GuestState.Of(Processor), TestRam.Direct + IdtAt, out InterruptTable? table))
        {
            throw new InvalidOperationException("no table");
        }

        Core.Interrupts = table;
        Machine.Interrupts.Add(table);
        ReadOnlySpan<byte> code = [0x48, 0xCF];
        code.CopyTo(Ram.Ram.Bytes(ReturnAt, code.Length));
        if (hasReturn) Machine.Returns.Add(Return);
    }

    private void Gate(ulong vector, ulong handler)
    {
        const ulong PresentInterruptGate = 0x8EUL << 40;
        ulong address = IdtAt + (vector * 16);
        Ram.Write(address, (handler & 0xFFFF) | (FakeProcessor.KernelCode << 16) | PresentInterruptGate | ((handler >> 16 & 0xFFFF) << 48));
        Ram.Write(address + 8, handler >> 32);
    }
}
