using System;
using System.IO;

namespace FastRmp.Qemu.Tests.Support;

/// <summary>A machine over <see cref="TestRam"/>, with one processor.</summary>
internal sealed class TestHost : IDisposable
{
    /// <summary>The operand of instructions, in physical memory.</summary>
    internal const ulong OperandAt = 0x6000;

    /// <summary>The interrupt descriptor table, in physical memory.</summary>
    internal const ulong IdtAt = 0x8000;

    internal const ulong GeneralProtectionHandler = 0xFFFF_FFFF_8100_0D00UL;
    internal const ulong PageFaultHandler = 0xFFFF_FFFF_8100_0E00UL;
    internal const ulong RmpFirst = 0x1000_0000UL;
    internal const ulong RmpLast = 0x10FF_FFFFUL;
    internal const ulong SnpEnabled = 1UL << 24;
    internal const ulong Rip = 0xFFFF_FFFF_8123_4560UL;

    internal TestHost(
        string processor = "milan", bool segmented = false, ulong bytes = 1UL << 30, int shift = 30, string? inject = null)
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
        };
        if (!SnpMachine.TryCreate(options, new EventLog(Trace, TimeProvider.System), out SnpMachine? machine, out string? problem))
        {
            Ram.Dispose();
            throw new InvalidOperationException(problem);
        }

        Machine = machine;
        Core = Machine.AddCore(0);
        Processor = new FakeProcessor();
        Core.Idt = TestRam.Direct + IdtAt;
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

    internal ulong Step(WatchedInstruction what) => InstructionStep.Take(Machine, Core, Processor, what, Rip);

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

    private void Gate(ulong vector, ulong handler)
    {
        const ulong PresentInterruptGate = 0x8EUL << 40;
        ulong address = IdtAt + (vector * 16);
        Ram.Write(address, (handler & 0xFFFF) | (FakeProcessor.KernelCode << 16) | PresentInterruptGate | ((handler >> 16 & 0xFFFF) << 48));
        Ram.Write(address + 8, handler >> 32);
    }
}
