namespace FastRmp.Qemu;

/// <summary>RDMSR and WRMSR of the registers that SNP has or depends on, at CPL 0.</summary>
/// <remarks>docs/spec/rmp.md 1.1.</remarks>
internal static class MsrAccess
{
    /// <summary>RDMSR.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="core">The executing processor.</param>
    /// <param name="number">ECX.</param>
    /// <param name="value">EDX:EAX afterwards.</param>
    internal static MsrOutcome Read(SnpMachine machine, GuestCore core, uint number, out ulong value)
    {
        bool? exists = Exists(machine.Processor, number);
        value = number switch
        {
            Msr.Syscfg => core.Syscfg.Value,
            Msr.Hwcr => core.Hwcr,
            Msr.RmpBase => machine.Registers.RmpBase,
            Msr.RmpEnd => machine.Registers.RmpEnd,
            Msr.RmpCfg => machine.Registers.RmpCfg,
            Msr.RmpOptBase => core.RmpOpt.Register,
            _ => 0,
        };
        return exists is null ? MsrOutcome.NotOurs : exists.Value ? MsrOutcome.Done : MsrOutcome.GeneralProtection;
    }

    /// <summary>WRMSR.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="core">The executing processor.</param>
    /// <param name="number">ECX.</param>
    /// <param name="value">EDX:EAX.</param>
    internal static MsrOutcome Write(SnpMachine machine, GuestCore core, uint number, ulong value)
    {
        bool exists = Exists(machine.Processor, number) ?? true;
        return !exists ? MsrOutcome.GeneralProtection : number switch
        {
            Msr.Syscfg => WriteSyscfg(machine, core, new Syscfg(value)),
            Msr.Hwcr => WriteHwcr(core, value),
            Msr.RmpBase => Answer(machine.TrySetRegisters(registers => registers with { RmpBase = value })),
            Msr.RmpEnd => Answer(machine.TrySetRegisters(registers => registers with { RmpEnd = value })),
            Msr.RmpCfg => Answer(
                Supports(machine.Processor, new RmpCfg(value))
                    && machine.TrySetRegisters(registers => registers with { RmpCfg = value })),
            Msr.RmpOptBase => Answer(
                core.RmpOpt.WriteBase(
                    ExecutionState.Host with { SnpEnabled = core.IsSnpOn }, value, machine.Processor, ModelChoices.Default)
                == RmpFault.None),
            _ => MsrOutcome.NotOurs,
        };
    }

    /// <summary>Whether a write is #GP(0) because SNP is on: of the fixed MTRRs, the IORRs, TOP_MEM, TOP_MEM2 and SMM_KEY.</summary>
    /// <remarks>AMD64 APM vol. 2, 15.36; docs/spec/rmp.md 1.1.</remarks>
    internal static bool IsFixed(GuestCore core, uint number) => core.IsSnpOn && number is Msr.FixedMtrr64K
        or Msr.FixedMtrr16KFirst or Msr.FixedMtrr16KLast or (>= Msr.FixedMtrr4KFirst and <= Msr.FixedMtrr4KLast)
        or (>= Msr.IorrFirst and <= Msr.IorrLast) or Msr.TopMem or Msr.TopMem2 or Msr.SmmKey;

    /// <summary>Once SNP_EN is set, writes are ignored.</summary>
    private static MsrOutcome WriteSyscfg(SnpMachine machine, GuestCore core, Syscfg wanted)
    {
        if (core.IsSnpOn) return MsrOutcome.Done;
        if (wanted.SnpEnabled && !machine.TryEnable()) return MsrOutcome.GeneralProtection;
        core.Syscfg = wanted;
        if (wanted.SnpEnabled) machine.Events.Write(core.Index, $"snp on");
        return MsrOutcome.Done;
    }

    /// <summary>A locked SMM stays locked; the other bits are the emulator's too.</summary>
    private static MsrOutcome WriteHwcr(GuestCore core, ulong value)
    {
        core.Hwcr = (new Hwcr(value) with { SmmLocked = true }).Value;
        return MsrOutcome.Done;
    }

    private static MsrOutcome Answer(bool isDone) => isDone ? MsrOutcome.Done : MsrOutcome.GeneralProtection;

    private static bool Supports(ProcessorModel processor, RmpCfg value) => !value.HasReservedBits
        && (!value.SegmentedRmpEnabled
            || (value.SegmentShift >= processor.MinSegmentShift && value.SegmentShift <= processor.MaxSegmentShift));

    /// <summary>Whether the processor has the register; null if it is not one of those here.</summary>
    private static bool? Exists(ProcessorModel processor, uint number) => number switch
    {
        Msr.Syscfg or Msr.Hwcr or Msr.RmpBase or Msr.RmpEnd => true,
        Msr.RmpCfg => processor.HasSegmentedRmp,
        Msr.RmpOptBase => processor.HasRmpOpt,
        _ => null,
    };
}
